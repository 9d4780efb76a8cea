import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configTable } from '#connector-sdk';
import { connectorDefinitions } from '.';

describe('connectorDefinitions', () => {
  const definitions = connectorDefinitions();

  it('names each connector once, in alphabetical order', () => {
    const names = definitions.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
  });

  // What an app reads from variables of its own, such as the mart's address, is told where the app is described.
  const sources = definitions.filter(({ source }) => source !== undefined);

  it.each(sources.map((definition) => [definition.name, definition] as const))(
    'finds the options of %s in its README as they are declared',
    (name, definition) => {
      const readme = readFileSync(join(__dirname, name, 'README.md'), 'utf8');
      expect(readme).toContain(configTable(definition.config, `${name.toUpperCase()}_`));
    },
  );
});
