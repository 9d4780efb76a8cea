import { problemsOf, rulesOf, SYSTEMS } from './rules-fixture';
import { parseOwnership } from './parse-ownership';

const ownerOf = (text: string, attribute: string) =>
  rulesOf(text)
    .rule('product', attribute)
    ?.chain.map(({ owner }) => owner);

const refusedFor = (text: string) => problemsOf(() => parseOwnership(text, 'ownership.yaml', SYSTEMS));

describe('ownership rules', () => {
  const sut = rulesOf(`
product:
  exists: plytix
  description: { owner: centric, until: { status: released }, then: plytix }
  status: plytix
  '*': photoshelter
  custom.*: plytix
  custom.plm_*: centric
  custom.plm_note: plytix
variant:
  exists: plytix
  size, colour: centric
inventory:
  '*': wms
never:
  inventory.*: [plytix, centric]
  photoshelter: [price.*, product.name]
`);

  it('say who decides that a record exists', () => {
    expect(sut.existsOwner('product')).toBe('plytix');
    expect(sut.existsOwner('collection')).toBeNull();
  });

  it('take the owner of everything as the one who says that a record exists', () => {
    expect(sut.existsOwner('inventory')).toBe('wms');
  });

  it('let an exact name beat a glob in a group, that the group, and the group any other glob', () => {
    expect(sut.rule('product', 'custom.plm_note')?.chain[0]?.owner).toBe('plytix');
    expect(sut.rule('product', 'custom.plm_theme')?.chain[0]?.owner).toBe('centric');
    expect(sut.rule('product', 'custom.care')?.chain[0]?.owner).toBe('plytix');
    expect(sut.rule('product', 'name')?.chain[0]?.owner).toBe('photoshelter');
  });

  it('let a group beat a glob however long it is', () => {
    const text = "product: { exists: plytix, custom.*: plytix, '*_internal_remark': centric }";
    expect(ownerOf(text, 'custom.the_internal_remark')).toEqual(['plytix']);
  });

  it('deny what they do not name', () => {
    expect(sut.rule('variant', 'gtin')).toBeNull();
    expect(sut.rule('collection', 'code')).toBeNull();
  });

  it('give key attributes to the system that says that the record exists', () => {
    expect(sut.rule('variant', 'sku')).toMatchObject({ chain: [{ owner: 'plytix' }], line: 11 });
    expect(sut.rule('variant', 'product')).toMatchObject({ chain: [{ owner: 'plytix' }] });
  });

  it('read several names on one line, each with that line', () => {
    expect(sut.rule('variant', 'colour')).toMatchObject({ chain: [{ owner: 'centric' }], line: 12 });
    expect(sut.rule('variant', 'size')).toMatchObject({ chain: [{ owner: 'centric' }], line: 12 });
  });

  it('hand over in the order of the text', () => {
    expect(sut.rule('product', 'description')?.chain).toEqual([
      { owner: 'centric', until: [{ attribute: 'status', anyOf: ['released'] }] },
      { owner: 'plytix', until: null },
    ]);
  });

  it('deny a group in the entity of that name and in products and variants', () => {
    expect(sut.isDenied('plytix', 'variant', 'inventory.stock')).toMatchObject({ line: 16 });
    expect(sut.isDenied('plytix', 'inventory', 'on_hand')).toMatchObject({ line: 16 });
    expect(sut.isDenied('wms', 'inventory', 'on_hand')).toBeNull();
    expect(sut.isDenied('plytix', 'variant', 'custom.inventory')).toBeNull();
  });

  it('read denials by system too, and for one entity', () => {
    expect(sut.isDenied('photoshelter', 'product', 'name')).toMatchObject({ line: 17 });
    expect(sut.isDenied('photoshelter', 'variant', 'name')).toBeNull();
    expect(sut.isDenied('photoshelter', 'product', 'price.eur')).not.toBeNull();
  });
});

describe('a wrong ownership file', () => {
  it('is refused with the place, a sentence and a suggestion', () => {
    expect(refusedFor('product:\n  exists: plytix\n  name:   plitix\n')).toEqual([
      'ownership.yaml:3:11  unknown system "plitix". Did you mean "plytix"?',
    ]);
  });

  it('is refused with all that is wrong, in the order of the text', () => {
    const text = `
produkt: { exists: plytix }
product:
  exists: plytix
  nmae: plytix
  season: centrik
  inventori.*: wms
  custom.a*b*: plytix
  brand:
never:
  inventry.*: [plytix]
  price.*: [plitix]
`;
    expect(refusedFor(text)).toEqual([
      'ownership.yaml:2:1  unknown entity "produkt". Did you mean "product"?',
      'ownership.yaml:5:3  product has no attribute "nmae". Did you mean "name"?',
      'ownership.yaml:6:11  unknown system "centrik". Did you mean "centric"?',
      'ownership.yaml:7:3  product has no attributes like "inventori.*". Did you mean "inventory.*"?',
      'ownership.yaml:8:3  "custom.a*b*" has more than one star. Write a name (name), a group (custom.*) or a glob (custom.care_*).',
      expect.stringMatching(/^ownership\.yaml:9:\d+ {2}no system is named/),
      'ownership.yaml:11:3  no entity has attributes like "inventry.*". Did you mean "inventory.*"?',
      'ownership.yaml:12:13  unknown system "plitix". Did you mean "plytix"?',
    ]);
  });

  it.each([
    ['name: plytix\n  name: centric', /3:3 .*"name" is given twice, first on line 2/],
    ['name, brand: plytix\n  brand: centric', /"brand" is given twice, first on line 2/],
    ['"custom.*_de": plytix\n  "custom.na_*": centric', /neither is the closer one/],
    ['name: { owner: plytix, until: { status: x } }', /"until" without "then"/],
    ['name: { owner: plytix, then: centric }', /"then" without "until"/],
    ['name: { owner: plytix, till: { status: x } }', /unknown field "till"\. Known are owner, until, then/],
    ['name: { owner: plytix, until: { status: x }, then: centric }', /nobody owns "status"/],
    [
      'name: { owner: plytix, until: { stats: x }, then: centric }',
      /no attribute "stats"\. Did you mean "status"/,
    ],
    [
      'custom.*: { owner: plytix, until: { custom.ok: x }, then: centric }',
      /circle: "custom.\*" waits for "custom.\*"/,
    ],
    ['name: [plytix, centric]', /must be text, not a list/],
    ['weight: plytix', /product has no attribute "weight"\. .*"custom\.weight"/],
  ])('is refused when it says %j', (line, message) => {
    expect(refusedFor(`product:\n  ${line}\n  exists: plytix\n`).join('\n')).toMatch(message);
  });

  it('is refused when two attributes wait for each other', () => {
    const text = `
product:
  exists: plytix
  name: { owner: plytix, until: { brand: x }, then: centric }
  brand: { owner: plytix, until: { name: x }, then: centric }
`;
    expect(refusedFor(text).join()).toMatch(/hand-over in a circle: "\w+" waits for "\w+" waits for "\w+"/);
  });

  it('is refused when a denied system is named owner', () => {
    const text = 'variant: { exists: plytix, inventory.stock: plytix }\nnever: { inventory.*: [plytix] }\n';
    expect(refusedFor(text).join()).toMatch(
      /"plytix" cannot own "inventory\.stock": line 2 denies it for good/,
    );
  });

  it('is refused when nobody says that a record exists', () => {
    expect(refusedFor('product: { name: plytix }').join()).toMatch(/nobody says that a product exists/);
  });

  it.each([
    ['', /the file is empty/],
    ['product: [', /reading YAML/],
    ['- plytix', /the file must be a mapping/],
    ['product: plytix', /"product" must be a mapping/],
    ['product: &a { exists: plytix }\nvariant: *a', /not an alias/],
  ])('is refused when it is no rules file at all: %j', (text, message) => {
    expect(refusedFor(text).join('\n')).toMatch(message);
  });
});
