import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { installation } from './hub/paths';

const manifest = z.object({ version: z.string() });

/** Millrace's version, from package.json. */
export const VERSION = manifest.parse(
  JSON.parse(readFileSync(join(installation(), 'package.json'), 'utf8')),
).version;
