/** What the Plytix connector can be told, read from `PLYTIX_…` variables. */
import { defineConfig } from '#connector-sdk';
import type { ConfigType } from '#connector-sdk';

export const plytixConfig = defineConfig({
  fields: {
    url: {
      type: 'url',
      doc: 'Address of the PIM API, without a path.',
      default: 'https://pim.plytix.com',
    },
    auth_url: {
      type: 'url',
      doc: 'Address of the authentication service that belongs to it.',
      default: 'https://auth.plytix.com',
    },
    api_key: {
      type: 'secret',
      required: true,
      doc: 'API key, made by an owner or admin at accounts.plytix.com under API. Its role decides what is read.',
    },
    api_password: {
      type: 'secret',
      required: true,
      doc: 'Password of the API key.',
    },
    overlap_ms: {
      type: 'duration_ms',
      doc: 'How far before the newest change that was seen each poll looks again. The search may lag by half of it.',
      default: 120_000,
      min: 1_000,
      max: 3_600_000,
    },
    settle_ms: {
      type: 'duration_ms',
      doc: 'How long after a change of a parent its variants are read a second time, since the search lags behind.',
      default: 5_000,
      min: 0,
      max: 600_000,
    },
    page_size: {
      type: 'integer',
      doc: 'Products for each search page.',
      default: 100,
      min: 1,
      max: 100,
    },
    requests_per_10_s: {
      type: 'integer',
      doc: "Calls in any ten seconds; 0 means no limit. Not set: what the token says of the account's plan, else 20.",
      min: 0,
    },
    requests_per_hour: {
      type: 'integer',
      doc: "Calls in any hour; 0 means no limit. Not set: what the token says of the account's plan, else 2000.",
      min: 0,
    },
    request_timeout_ms: {
      type: 'duration_ms',
      doc: 'Time for one call.',
      default: 30_000,
      min: 100,
      max: 600_000,
    },
    ignored_attributes: {
      type: 'string',
      doc: 'Labels of attributes that are left out, separated by commas.',
      default: '',
      examples: ['internal_note,formula_price'],
    },
  },
});

export type PlytixConfig = ConfigType<typeof plytixConfig>;
