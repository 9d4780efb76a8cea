import { upsertStatement, writtenColumns } from './postgres.statement';

const names = (entity: 'product' | 'variant') => writtenColumns(entity).map(({ name }) => name);

describe('upsertStatement', () => {
  const sut = upsertStatement('my "mart"', 'variant');

  it('guards by version and writes in the order of hub_id', () => {
    expect(sut).toContain('where t.version < excluded.version');
    expect(sut).toContain('order by hub_id\non conflict (hub_id)');
  });

  it('quotes what is configured', () => {
    expect(sut).toContain('insert into "my ""mart"""."variant" as t');
  });

  it('keeps code and SKU of a deleted row, and nothing else', () => {
    const kept = [...sut.matchAll(/else t\."(\w+)" end/g)].map(([, column]) => column);
    expect(kept).toEqual(['product_code', 'sku']);
  });

  it('has the product of a variant, but no product of a product', () => {
    expect(names('variant')).toContain('product_id');
    expect(names('product')).not.toContain('product_id');
  });
});
