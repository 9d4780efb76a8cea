import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configTable } from '#connector-sdk';
import { ATTRIBUTE_COLUMNS, MART_ENTITIES } from './postgres.columns';
import { postgresConfig } from './postgres.config';
import { postgresConnector } from './postgres.connector';

describe('postgresConnector', () => {
  it('writes the entities that it has tables for, with deletes', () => {
    expect(postgresConnector.entities.map(({ entity, write }) => [entity, write?.delete])).toEqual([
      ['product', true],
      ['variant', true],
    ]);
  });

  it('keeps the business key of a deleted record, and nothing else', () => {
    const kept = MART_ENTITIES.flatMap((entity) =>
      ATTRIBUTE_COLUMNS[entity].filter((column) => column.keptOnDelete),
    );
    expect(kept.map(({ column }) => column)).toEqual(['code', 'product_code', 'sku']);
  });

  it('tells which variable is missing, and what it is for', () => {
    expect(() => postgresConfig.parse({}, 'MART_')).toThrow(/MART_URL is not set.*postgres:\/\//s);
  });

  it('has the table of its README made from its configuration', () => {
    const readme = readFileSync(join(__dirname, 'README.md'), 'utf8');
    const columns = (table: string) =>
      table.split('\n').map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .join('|'),
      );
    expect(columns(readme)).toEqual(expect.arrayContaining(columns(configTable(postgresConfig, 'MART_'))));
  });
});
