import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { PartStatus } from './status.types';

/** What the supervisor says of the processes it runs. */
export abstract class PartsRepository {
  /** Empty where there is no supervisor. Rejects when its file is there and cannot be read. */
  abstract parts(): Promise<PartStatus[]>;
}

const part = z.object({
  name: z.string(),
  state: z.string(),
  since: z
    .union([z.string(), z.number()])
    .transform((value) => new Date(value).toISOString())
    .nullish()
    .transform((value) => value ?? null)
    .catch(null),
  pid: z
    .number()
    .int()
    .nullish()
    .transform((value) => value ?? null),
  restarts: z.number().int().catch(0).default(0),
  lastExit: z
    .string()
    .nullish()
    .transform((value) => value ?? null),
});
const supervisorFile = z.union([
  z.array(part),
  z.object({ parts: z.array(part) }).transform(({ parts }) => parts),
]);

/** Reads `supervisor.json`, which the process that supervises the apps keeps in its home. */
export class FilePartsRepository extends PartsRepository {
  private readonly path: string;

  constructor(home: string) {
    super();
    this.path = join(home, 'supervisor.json');
  }

  async parts(): Promise<PartStatus[]> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    const decoded = supervisorFile.safeParse(parseJson(text));
    if (!decoded.success) throw new Error('reading supervisor.json: it is not a list of parts');
    return decoded.data;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
