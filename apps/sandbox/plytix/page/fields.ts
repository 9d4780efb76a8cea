import type { Json, JsonObject } from '../../http/answer';
import { STATUSES, attributeField } from '../model';
import type { Attribute, StoredValue } from '../model';
import type { ProductReading } from '../product-reading';
import type { Tenant } from '../tenant';
import { markup } from './html';
import type { Markup } from './html';

/** What a form holds: texts by field name. Several chosen options are joined by a line feed. */
export type FormValues = Readonly<Record<string, string>>;

/** One input of the form. */
export interface FormField {
  /** `sku`, `label`, …, or `attributes.<label>`. */
  name: string;
  title: string;
  group: string;
  input: 'text' | 'textarea' | 'number' | 'date' | 'choice' | 'choices';
  options: readonly string[];
  required: boolean;
  hint: string | null;
  /** The value as the API takes it. */
  toJson(text: string): Json;
}

const verbatim = (text: string): Json => (text === '' ? null : text);

/** The fields of a product's form: system fields, then custom attributes by their groups. Media are left to the API. */
export function formFields(tenant: Tenant): FormField[] {
  const { store } = tenant;
  const groups = [...store.groups.values()].sort((a, b) => a.order - b.order);
  const groupOf = (label: string): string =>
    groups.find(({ attribute_labels }) => attribute_labels.includes(label))?.name ?? 'Other attributes';
  const custom = [...store.attributes.values()].flatMap((attribute) => {
    return customField(attribute, groupOf(attribute.label)) ?? [];
  });
  const order = [...groups.map(({ name }) => name), 'Other attributes'];
  return [...SYSTEM_FIELDS, ...custom.sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group))];
}

function systemField(name: string, title: string, more: Partial<FormField> = {}): FormField {
  const base = {
    group: 'Product',
    input: 'text',
    options: [],
    required: false,
    hint: null,
    toJson: verbatim,
  } as const;
  return { name, title, ...base, ...more };
}

const SYSTEM_FIELDS: readonly FormField[] = [
  systemField('sku', 'SKU', { required: true, toJson: (text) => text }),
  systemField('label', 'Label'),
  systemField('status', 'Status', {
    input: 'choice',
    options: STATUSES,
    required: true,
    toJson: (text) => text,
  }),
  systemField('gtin', 'GTIN', { hint: '8, 12, 13 or 14 digits' }),
];

function customField(attribute: Attribute, group: string): FormField | null {
  const { label, name, options, description } = attribute;
  const base = {
    name: attributeField(label),
    title: name,
    group,
    options,
    required: false,
    hint: description,
  };
  switch (attribute.type_class) {
    case 'MediaAttribute':
    case 'MediaGalleryAttribute':
    case 'CompletenessAttribute':
      return null;
    case 'MultilineAttribute':
    case 'HtmlAttribute':
      return { ...base, input: 'textarea', toJson: verbatim };
    case 'IntAttribute':
    case 'DecimalAttribute':
      return { ...base, input: 'number', toJson: verbatim };
    case 'DateAttribute':
      return { ...base, input: 'date', toJson: verbatim };
    case 'DropdownAttribute':
      return { ...base, input: 'choice', toJson: verbatim };
    case 'MultiSelectAttribute':
      return { ...base, input: 'choices', toJson: (text) => (text === '' ? null : text.split('\n')) };
    case 'BooleanAttribute':
      return {
        ...base,
        input: 'choice',
        options: ['Yes', 'No'],
        toJson: (text) => (text === '' ? null : text === 'Yes'),
      };
    default:
      return { ...base, input: 'text', toJson: verbatim };
  }
}

/** What the form shows for a product. */
export function currentValues(reading: ProductReading, fields: readonly FormField[]): FormValues {
  const system: Record<string, string> = {
    sku: reading.row.sku,
    label: reading.system('label') ?? '',
    status: reading.system('status'),
    gtin: reading.row.gtin ?? '',
  };
  const attributes = reading.attributes();
  return Object.fromEntries(
    fields.map(({ name }) => [name, system[name] ?? asText(attributes[name.replace('attributes.', '')])]),
  );
}

function asText(value: StoredValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return Array.isArray(value) ? value.join('\n') : String(value);
}

/** What a sent form holds. Browsers send line breaks as CR LF; stored texts have LF. */
export function sentValues(form: URLSearchParams, fields: readonly FormField[]): FormValues {
  return Object.fromEntries(
    fields.map(({ name }) => [name, form.getAll(name).join('\n').replaceAll('\r\n', '\n')]),
  );
}

/**
 * The API body for what a person changed: only fields that differ from what the form was loaded with,
 * so that a form left open overwrites nothing that somebody else has edited meanwhile.
 */
export function changedBody(fields: readonly FormField[], loaded: FormValues, sent: FormValues): JsonObject {
  const body: JsonObject = {};
  const attributes: JsonObject = {};
  for (const field of fields) {
    const text = sent[field.name] ?? '';
    if (text === asBrowserSends(field, loaded[field.name] ?? '')) continue;
    const label = field.name.startsWith('attributes.') ? field.name.slice('attributes.'.length) : null;
    if (label === null) body[field.name] = field.toJson(text);
    else attributes[label] = field.toJson(text);
  }
  return Object.keys(attributes).length > 0 ? { ...body, attributes } : body;
}

/** A value as it comes back from a form that nobody touched: browsers change line breaks, and the order of choices. */
function asBrowserSends(field: FormField, text: string): string {
  switch (field.input) {
    case 'textarea':
      return text.replaceAll(/\r\n?/g, '\n');
    case 'choices': {
      const chosen = text.split('\n');
      return [...new Set([...field.options, ...chosen])]
        .filter((option) => chosen.includes(option))
        .join('\n');
    }
    default:
      return text.replaceAll(/[\r\n]/g, '');
  }
}

/** All fields, by group. `errors` by field name. */
export function fieldsets(
  fields: readonly FormField[],
  values: FormValues,
  errors: Readonly<Record<string, string>>,
  inherited: (name: string) => boolean,
): Markup[] {
  const groups = [...new Set(fields.map(({ group }) => group))];
  return groups.map((group) => {
    const members = fields.filter((field) => field.group === group);
    return markup`<fieldset>
      <legend>${group}</legend>
      <div class="fields">
        ${members.map((field) => control(field, values[field.name] ?? '', errors[field.name] ?? null, inherited(field.name)))}
      </div>
    </fieldset>`;
  });
}

function control(field: FormField, value: string, error: string | null, inherited: boolean): Markup {
  const hint = [
    field.hint,
    inherited ? 'Inherited from the parent; a value written here overrides it.' : null,
  ]
    .filter((text) => text !== null)
    .join(' ');
  const described = [
    hint === '' ? null : `hint:${field.name}`,
    error === null ? null : `error:${field.name}`,
  ];
  const ids = described.filter((id) => id !== null).join(' ');
  const attributes = markup`id="${field.name}"
  name="${field.name}"${field.required && markup` required`}${
    ids !== '' && markup` aria-describedby="${ids}"`
  }${error !== null && markup` aria-invalid="true"`}`;
  return markup`<div>
    <label for="${field.name}">${field.title}</label>${input(field, value, attributes)}
    ${hint !== '' && markup`<p class="hint" id="hint:${field.name}">${hint}</p>`}
    ${error !== null && markup`<p class="error" id="error:${field.name}">${error}</p>`}
  </div>`;
}

function input(field: FormField, value: string, attributes: Markup): Markup {
  switch (field.input) {
    case 'textarea':
      // A browser swallows one line feed at the start of a textarea.
      return markup`<textarea ${attributes}>${`\n${value}`}</textarea>`;
    case 'choice':
    case 'choices':
      return select(field, value, attributes);
    case 'number':
      return markup`<input ${attributes} inputmode="decimal" value="${value}" />`;
    case 'date':
      return markup`<input ${attributes} type="date" value="${value}" />`;
    case 'text':
      return markup`<input ${attributes} value="${value}" />`;
  }
}

/** A chosen value that is no option any more stays on offer, so that saving does not lose it. */
function select(field: FormField, value: string, attributes: Markup): Markup {
  const many = field.input === 'choices';
  const chosen = many ? value.split('\n').filter((text) => text !== '') : value === '' ? [] : [value];
  const options = [...new Set([...field.options, ...chosen])];
  return markup`<select ${attributes}${many && markup` multiple size="${Math.min(6, options.length || 1)}"`}>
    ${!many && !field.required && markup`<option value="">–</option>`}
    ${options.map((option) => markup`<option value="${option}"${chosen.includes(option) && markup` selected`}>${option}</option>`)}
  </select>`;
}
