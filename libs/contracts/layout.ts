import type { AvroNode, AvroRecord } from './avro-schema';
import { DecodeError, EncodeError } from './errors';
import type { AttributePath, Attributes, EntityName, VersionedRecord } from './types';
import { ValueError, fromAvro, toAvro, writeName } from './values';
import type { AttributeKind } from './values';

/** Fields of an entity's record that are its identity, not attributes. */
const IDENTITY: ReadonlySet<string> = new Set(['hub_id', 'product_id', 'version']);

/** An entity's record as Avro sees it: identity, named fields and maps. */
export type AvroValue = Record<string, unknown>;
type AvroMap = Record<string, unknown>;

/** Where an attribute lies: a named field, or an entry of a map. */
interface Place {
  kind: AttributeKind;
  field: string;
  entry: string | null;
}

/**
 * How the flat attributes of one entity lie in its Avro record: named fields by their name, everything else in
 * the maps, by what comes after the first dot. Derived from the entity's schema file.
 */
export class EntityLayout {
  /** The named attributes, in the order of the schema. */
  readonly named: ReadonlyMap<string, AttributeKind>;
  /** The maps, with the kind of their entries. */
  readonly maps: ReadonlyMap<string, AttributeKind>;
  private readonly hasProductId: boolean;

  /** Throws an Error for a field whose type is none of the shapes that attributes have. */
  constructor(
    readonly entity: EntityName,
    value: AvroRecord,
  ) {
    const named = new Map<string, AttributeKind>();
    const maps = new Map<string, AttributeKind>();
    for (const { name, type } of value.fields) {
      if (IDENTITY.has(name)) continue;
      const map = mapKind(type);
      if (map !== null) maps.set(name, map);
      else named.set(name, namedKind(name, type));
    }
    this.named = named;
    this.maps = maps;
    this.hasProductId = value.fields.some((field) => field.name === 'product_id');
  }

  /** The kind of an attribute's value; null for an attribute that the schema has no place for. */
  kindOf(path: AttributePath): AttributeKind | null {
    return this.placeOf(path)?.kind ?? null;
  }

  /** Lays a record out for Avro. Throws an EncodeError that names the attribute which has no place or does not fit. */
  toRecord(record: VersionedRecord): AvroValue {
    const value: AvroValue = this.identityOf(record);
    for (const field of this.named.keys()) value[field] = null;
    for (const field of this.maps.keys()) value[field] = {};
    for (const [path, content] of Object.entries(record.attributes)) {
      const place = this.placeOf(path);
      if (place === null) throw new EncodeError(this.entity, path, 'the schema has no such attribute');
      if (content !== null) this.put(value, path, place, content);
      else if (place.entry !== null) this.checkEntry(path, place.entry);
    }
    return value;
  }

  /**
   * The record again. With `listed` the attributes are exactly those, null where they have no value; one that
   * this release's schema has no place for is left out. Without it they are those that have a value.
   */
  fromRecord(value: AvroValue, listed: readonly AttributePath[] | null): VersionedRecord {
    const hubId = value['hub_id'] as string;
    const attributes: Attributes = {};
    for (const path of listed ?? this.filled(value)) {
      const place = this.placeOf(path);
      if (place !== null) attributes[path] = this.get(value, path, place);
    }
    return {
      hub_id: hubId,
      product_id: this.hasProductId ? (value['product_id'] as string) : hubId,
      version: value['version'] as number,
      attributes,
    };
  }

  private placeOf(path: AttributePath): Place | null {
    const named = this.named.get(path);
    if (named !== undefined) return { kind: named, field: path, entry: null };
    const dot = path.indexOf('.');
    const field = path.slice(0, Math.max(dot, 0));
    const kind = this.maps.get(field);
    return kind === undefined ? null : { kind, field, entry: path.slice(dot + 1) };
  }

  private identityOf(record: VersionedRecord): AvroValue {
    const { hub_id, product_id, version } = record;
    if (this.hasProductId) return { hub_id, product_id, version };
    if (product_id === hub_id) return { hub_id, version };
    throw new EncodeError(this.entity, 'product_id', `a ${this.entity} has none but its own hub_id`);
  }

  private put(value: AvroValue, path: AttributePath, place: Place, content: unknown): void {
    try {
      const written = toAvro(place.kind, content);
      if (place.entry === null) value[place.field] = written;
      else (value[place.field] as AvroMap)[writeName(place.entry)] = written;
    } catch (error) {
      if (error instanceof ValueError) throw new EncodeError(this.entity, path, error.message);
      throw error;
    }
  }

  private checkEntry(path: AttributePath, entry: string): void {
    try {
      writeName(entry);
    } catch (error) {
      throw new EncodeError(this.entity, path, (error as Error).message);
    }
  }

  private get(value: AvroValue, path: AttributePath, place: Place): Attributes[string] {
    const content = place.entry === null ? value[place.field] : entryOf(value[place.field], place.entry);
    if (content === null || content === undefined) return null;
    try {
      return fromAvro(place.kind, content);
    } catch (error) {
      throw new DecodeError(`decoding ${this.entity} attribute ${path}: ${(error as Error).message}`);
    }
  }

  private *filled(value: AvroValue): Iterable<AttributePath> {
    for (const field of this.named.keys()) if (value[field] !== null) yield field;
    for (const field of this.maps.keys()) {
      for (const entry of Object.keys(value[field] as AvroMap)) yield `${field}.${entry}`;
    }
  }
}

function entryOf(map: unknown, entry: string): unknown {
  return Object.hasOwn(map as AvroMap, entry) ? (map as AvroMap)[entry] : null;
}

const MAP_KINDS: ReadonlyMap<string, AttributeKind> = new Map([
  ['{"type":"map","values":"CustomValue"}', 'custom'],
  ['{"type":"map","values":{"type":"map","values":"string"}}', 'localised'],
] as const);

const NAMED_KINDS: ReadonlyMap<string, AttributeKind> = new Map([
  ['["null","string"]', 'string'],
  ['["null","long"]', 'long'],
  ['["null","boolean"]', 'boolean'],
  ['["null",{"type":"array","items":"string"}]', 'string_list'],
  ['["null",{"type":"array","items":"MediaReference"}]', 'media'],
] as const);

function mapKind(type: AvroNode): AttributeKind | null {
  return MAP_KINDS.get(JSON.stringify(type)) ?? null;
}

function namedKind(name: string, type: AvroNode): AttributeKind {
  const kind = NAMED_KINDS.get(JSON.stringify(type));
  if (kind !== undefined) return kind;
  throw new Error(`the type of the field ${name} is none that an attribute can have`);
}
