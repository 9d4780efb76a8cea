import { configTable, defineConfig } from './config-spec';
import { asFault } from './faults';

const sut = defineConfig({
  fields: {
    url: { type: 'url', doc: 'Address of the API.', default: 'https://pim.example.com' },
    api_key: { type: 'secret', required: true, doc: 'Key of the API.' },
    page_size: { type: 'integer', doc: 'Rows for each page.', default: 100, min: 1, max: 100 },
    poll_ms: { type: 'duration_ms', doc: 'Pause.', min: 10 },
    verbose: { type: 'boolean', doc: 'Say more.', default: false },
  },
});

const problemOf = (env: Record<string, string>) => {
  try {
    sut.parse(env, 'ACME_');
  } catch (error) {
    return asFault(error);
  }
  throw new Error('the configuration was accepted');
};

describe('defineConfig', () => {
  it('reads typed values and falls back to defaults, an empty variable counting as not set', () => {
    const env = { ACME_API_KEY: 'k', ACME_PAGE_SIZE: '7', ACME_VERBOSE: 'yes', ACME_URL: '' };
    expect(sut.parse(env, 'ACME_')).toEqual({
      url: 'https://pim.example.com',
      api_key: 'k',
      page_size: 7,
      poll_ms: undefined,
      verbose: true,
    });
  });

  it('takes the trailing slash from an address, since paths are appended', () => {
    expect(sut.parse({ ACME_API_KEY: 'k', ACME_URL: 'http://h:1/' }, 'ACME_').url).toBe('http://h:1');
  });

  it('tells all problems at once, with variable, bounds and remedy', () => {
    const fault = problemOf({ ACME_PAGE_SIZE: '101', ACME_POLL_MS: '1.5', ACME_URL: 'ftp://h' });
    expect(fault).toMatchObject({ kind: 'config', code: 'bad_configuration' });
    expect(fault.message).toContain('ACME_API_KEY is not set. Key of the API.');
    expect(fault.message).toContain('ACME_PAGE_SIZE "101" is not a whole number from 1 to 100');
    expect(fault.message).toContain(
      'ACME_POLL_MS "1.5" is not a whole number of milliseconds of at least 10',
    );
    expect(fault.message).toContain('ACME_URL "ftp://h" is not an http(s) URL');
  });

  it('never shows the credentials of a wrong address', () => {
    expect(problemOf({ ACME_API_KEY: 'k', ACME_URL: 'x://me:hidden@h' }).message).not.toContain('hidden');
  });

  it('names the values that must not be shown', () => {
    expect(sut.secrets(sut.parse({ ACME_API_KEY: 'k' }, 'ACME_'))).toEqual(['k']);
  });

  it('describes itself as a table', () => {
    const table = configTable(sut, 'ACME_');
    expect(table).toContain('| `ACME_API_KEY` | secret | required | Key of the API. |');
    expect(table).toContain('| `ACME_PAGE_SIZE` | integer (from 1 to 100) | 100 | Rows for each page. |');
  });

  it('refuses a name without its unit', () => {
    const fields = { poll: { type: 'duration_ms', doc: '' } } as const;
    expect(() => defineConfig({ fields })).toThrow('a duration in milliseconds ends in _ms');
  });
});
