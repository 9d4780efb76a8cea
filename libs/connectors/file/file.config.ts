/** What the file connector can be told, read from `FILE_…` variables. */
import { defineConfig } from '#connector-sdk';
import type { ConfigType } from '#connector-sdk';

export const fileConfig = defineConfig({
  fields: {
    path: {
      type: 'string',
      required: true,
      doc: 'Path of the JSON Lines file.',
      examples: ['/var/lib/millrace/centric.jsonl'],
    },
    system: {
      type: 'string',
      required: true,
      doc: 'The system that the file speaks for, as named in schemas/rules/systems.yaml.',
      examples: ['centric'],
    },
    page_size: {
      type: 'integer',
      doc: 'Records for each page.',
      default: 500,
      min: 1,
      max: 5_000,
    },
  },
});

export type FileConfig = ConfigType<typeof fileConfig>;
