import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from './files';

const Secrets = z.object({
  postgresPassword: z.string().min(16),
  controlToken: z.string().min(16),
  plytixApiKey: z.string().min(16),
  plytixApiPassword: z.string().min(16),
});
export type Secrets = z.infer<typeof Secrets>;

/** Credentials of the local hub: random, made once, kept in a file that only its owner reads. */
export function loadSecrets(file: string): Secrets {
  const kept = readJson(file, Secrets);
  if (kept) return kept;
  const made = {
    postgresPassword: randomWord(),
    controlToken: randomWord(),
    plytixApiKey: randomWord(),
    plytixApiPassword: randomWord(),
  };
  writeJsonAtomic(file, made);
  return made;
}

function randomWord(): string {
  return randomBytes(18).toString('base64url');
}
