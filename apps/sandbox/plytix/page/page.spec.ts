import { SpecSandbox } from '../testkit/client';

const HOSTILE = `"><script>alert('x')</script>&amp;`;

/** What a browser would send back of a page's form, untouched. */
function untouched(html: string): Record<string, string> {
  const form: Record<string, string> = {};
  const decode = (text: string): string =>
    text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  for (const [, attributes = ''] of html.matchAll(/<input\b([^>]*)>/g)) {
    const name = /\bname="([^"]*)"/.exec(attributes)?.[1];
    if (name) form[name] = decode(/\bvalue="([^"]*)"/.exec(attributes)?.[1] ?? '');
  }
  for (const [, attributes = '', text = ''] of html.matchAll(/<textarea\b([^>]*)>([^<]*)<\/textarea>/g)) {
    form[/\bname="([^"]*)"/.exec(attributes)![1]!] = decode(text.replace(/^\n/, '')).replaceAll('\n', '\r\n');
  }
  for (const [, attributes = '', inner = ''] of html.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g)) {
    const name = /\bname="([^"]*)"/.exec(attributes)![1]!;
    const chosen = /<option value="([^"]*)"\s+selected/.exec(inner)?.[1];
    if (chosen !== undefined) form[name] = decode(chosen);
  }
  return form;
}

describe('the page', () => {
  let sut: SpecSandbox;
  beforeEach(async () => {
    sut = await SpecSandbox.start({ products: 30 });
  });
  afterEach(() => sut.close());

  it('lists products by SKU, 25 at a time', async () => {
    const [first, second] = [await sut.page('/'), await sut.page('/?page=2')];

    expect(first.text).toContain('30 products');
    expect(first.text.match(/<a href="\/products\/[0-9a-f]{24}"/g)).toHaveLength(25);
    expect(second.text.match(/<a href="\/products\/[0-9a-f]{24}"/g)).toHaveLength(5);
    expect(second.text).toContain('Page 2 of 2');
  });

  it('finds variants too when searched, and says when nothing matches', async () => {
    expect((await sut.page('/?q=st-1001-')).text).toContain('ST-1001-');
    expect((await sut.page(`/?q=${encodeURIComponent(HOSTILE)}`)).text).toContain('Nothing matches');
  });

  it('invites to create the first product of an empty account', async () => {
    await sut.request('POST', '/admin/reset', { products: 0 });

    expect((await sut.page('/')).text).toContain('Create the first product');
  });

  it('saves what was changed through the same path as the API, and says when', async () => {
    const { id } = await sut.bySku('ST-1001');
    const path = `/products/${String(id)}`;
    const form = untouched((await sut.page(path)).text);
    const saved = await sut.page(path, {
      ...form,
      label: 'Washed Linen Shirt',
      'attributes.care': '30°\r\nno dryer',
    });
    expect([saved.status, saved.location]).toEqual([303, `${path}?saved=yes`]);
    const product = await sut.product(String(id));

    expect(product).toMatchObject({
      label: 'Washed Linen Shirt',
      attributes: { care: '30°\nno dryer' },
      modified_user_audit: { type: 'USER' },
    });
    const shown = String(product['modified']).replace('T', ' ').slice(0, 23);
    expect((await sut.page(saved.location!)).text).toContain(`Saved at ${shown}.`);
  });

  it('changes nothing when an untouched form is sent, for seeded products', async () => {
    const { body } = await sut.call('POST', '/api/v2/products/search', { pagination: { page_size: 12 } });
    const { data } = body as { data: { id: string }[] };
    const before = await (await fetch(`${sut.sandbox.adminUrl}/state`)).text();
    for (const { id } of data) {
      const page = (await sut.page(`/products/${id}`)).text;
      // Several chosen options cannot be sent by this spec's form: such products are covered below.
      if ((page.match(/ multiple[\s\S]*?<\/select>/)?.[0].match(/selected/g)?.length ?? 0) > 1) continue;
      expect((await sut.page(`/products/${id}`, untouched(page))).location).toBe(
        `/products/${id}?saved=unchanged`,
      );
    }

    expect(await (await fetch(`${sut.sandbox.adminUrl}/state`)).text()).toBe(before);
  });

  it('keeps several chosen options in whatever order they are stored', async () => {
    const id = await sut.create({ sku: 'MANY', attributes: { features: ['Stretch', 'Water repellent'] } });
    const page = (await sut.page(`/products/${id}`)).text;
    const form = new URLSearchParams(untouched(page));
    form.delete('attributes.features');
    for (const option of ['Water repellent', 'Stretch']) form.append('attributes.features', option);
    const response = await fetch(`${sut.sandbox.url}/products/${id}`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    });

    expect(response.headers.get('location')).toBe(`/products/${id}?saved=unchanged`);
  });

  it('overwrites nothing that somebody else has saved since the form was loaded', async () => {
    const id = await sut.create({ sku: 'SHARED', label: 'old', attributes: { care: 'old' } });
    const form = untouched((await sut.page(`/products/${id}`)).text);
    await sut.call('PATCH', `/api/v2/products/${id}`, { attributes: { care: 'new' } });
    await sut.page(`/products/${id}`, { ...form, label: 'mine' });

    expect(await sut.product(id)).toMatchObject({ label: 'mine', attributes: { care: 'new' } });
  });

  it('says at the field what is wrong, and keeps what was typed', async () => {
    await sut.create({ sku: 'TAKEN' });
    const id = await sut.create({ sku: 'MINE' });
    const form = untouched((await sut.page(`/products/${id}`)).text);
    const refused = await sut.page(`/products/${id}`, { ...form, sku: 'TAKEN', label: 'typed' });

    expect(refused.status).toBe(409);
    expect(refused.text).toContain('A product with the same SKU already exists');
    expect(refused.text).toMatch(/id="sku"[^>]*aria-invalid="true"/);
    expect(refused.text).toContain('value="typed"');
    expect(await sut.product(id)).toMatchObject({ sku: 'MINE', label: null });
  });

  it('creates products and variants, and deletes them', async () => {
    const created = await sut.page('/products/new', { sku: 'BY-HAND', label: 'Made here', status: 'Draft' });
    const [, id = ''] = /\/products\/(\w+)\?saved=created/.exec(created.location ?? '') ?? [];
    const variant = await sut.page(`/products/${id}/variants/new`, { sku: 'BY-HAND-M', status: 'Draft' });
    expect(variant.status).toBe(303);
    expect(await sut.product(id)).toMatchObject({ label: 'Made here', num_variations: 1 });
    const deleted = await sut.page(`/products/${id}/delete`, {});

    expect((await sut.page(deleted.location!)).text).toContain('BY-HAND was deleted.');
    expect((await sut.call('GET', `/api/v2/products/${id}`)).status).toBe(404);
    expect((await sut.page(`/products/${id}`)).status).toBe(404);
  });

  it('escapes what products bring, wherever it is shown', async () => {
    const id = await sut.create({
      sku: HOSTILE,
      label: HOSTILE,
      attributes: { care: `</textarea>${HOSTILE}` },
    });
    await sut.createVariant(id, { sku: `${HOSTILE} M` });
    for (const path of [
      '/?q=script',
      `/products/${id}`,
      `/products/${id}/variants/new`,
      `/?q=${encodeURIComponent(HOSTILE)}`,
      `/?deleted=${encodeURIComponent(HOSTILE)}`,
    ]) {
      const { text } = await sut.page(path);
      expect(text).toContain('&#60;script&#62;');
      expect(text).not.toContain('<script');
      expect(text.match(/<\/textarea>/g)?.length).toBe(text.match(/<textarea/g)?.length);
    }
  });

  it('gives every input a label, and takes no form from another site', async () => {
    const { id } = await sut.bySku('ST-1001');
    const { text } = await sut.page(`/products/${String(id)}`);
    const inputs = [...text.matchAll(/<(?:input|select|textarea)\b([^>]*)>/g)]
      .map(([, attributes = '']) => attributes)
      .filter((attributes) => !attributes.includes('type="hidden"'));

    expect(inputs.length).toBeGreaterThan(15);
    for (const attributes of inputs) {
      expect(text).toContain(`<label for="${/\bid="([^"]*)"/.exec(attributes)?.[1]}">`);
    }
    const foreign = await sut.page(`/products/${String(id)}/delete`, {}, { origin: 'https://evil.example' });
    expect(foreign.status).toBe(403);
  });
});
