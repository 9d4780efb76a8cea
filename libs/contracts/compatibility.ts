import type { Type, types } from 'avsc';
import { parseType } from './avro-type';

/** One reason why data of one schema cannot be read with another. */
export interface Incompatibility {
  /** backward: the new schema cannot read old data. forward: the old schema cannot read new data. */
  direction: 'backward' | 'forward';
  /** Where in the schema, such as `after.name`. */
  path: string;
  reason: string;
}

/**
 * Why `next` is not FULL compatible with `earlier`: each must read what the other wrote. Empty when it is.
 * FULL_TRANSITIVE, which the registry enforces, is this for every earlier version.
 */
export function fullIncompatibilities(next: string, earlier: string): Incompatibility[] {
  const [nextType, earlierType] = [parseType(next), parseType(earlier)];
  return [
    ...unreadable(nextType, earlierType, []).map(toIncompatibility('backward')),
    ...unreadable(earlierType, nextType, []).map(toIncompatibility('forward')),
  ];
}

interface Unreadable {
  path: readonly string[];
  reason: string;
}

function toIncompatibility(direction: Incompatibility['direction']) {
  return ({ path, reason }: Unreadable): Incompatibility => ({ direction, path: path.join('.'), reason });
}

/** The verdict is avsc's; what comes after it only finds the places to name. */
function unreadable(reader: Type, writer: Type, path: readonly string[]): Unreadable[] {
  try {
    reader.createResolver(writer, { ignoreNamespaces: true });
    return [];
  } catch (error) {
    const deeper = placesWithin(reader, writer, path);
    return deeper.length > 0 ? deeper : [{ path, reason: (error as Error).message }];
  }
}

/** Where a type that contains itself is followed no further. */
const DEEPEST = 20;

function placesWithin(reader: Type, writer: Type, path: readonly string[]): Unreadable[] {
  if (path.length > DEEPEST) return [];
  if (isRecord(reader) && isRecord(writer)) return fieldsWithin(reader, writer, path);
  if (isArray(reader) && isArray(writer)) return unreadable(reader.itemsType, writer.itemsType, path);
  if (isMap(reader) && isMap(writer)) return unreadable(reader.valuesType, writer.valuesType, path);
  if (branchesOf(reader).length + branchesOf(writer).length === 2) return [];
  return branchesWithin(branchesOf(reader), branchesOf(writer), path);
}

function branchesWithin(
  branches: readonly Type[],
  written: readonly Type[],
  path: readonly string[],
): Unreadable[] {
  return written.flatMap((branch) => {
    if (branches.some((candidate) => unreadable(candidate, branch, path).length === 0)) return [];
    const same = branches.find((candidate) => candidate.typeName === branch.typeName);
    const reason = `${nameOf(branch)} cannot be read as ${branches.map(nameOf).join(' or ')}`;
    return same === undefined ? [{ path, reason }] : unreadable(same, branch, path);
  });
}

function fieldsWithin(
  reader: types.RecordType,
  writer: types.RecordType,
  path: readonly string[],
): Unreadable[] {
  return reader.fields.flatMap((field) => {
    const here = [...path, field.name];
    const written = writer.fields.find((candidate) => candidate.name === field.name);
    if (written !== undefined) return unreadable(field.type, written.type, here);
    const hasDefault = field.defaultValue() !== undefined;
    return hasDefault ? [] : [{ path: here, reason: 'the field is on one side only and has no default' }];
  });
}

function branchesOf(type: Type): readonly Type[] {
  return type.typeName.startsWith('union:') ? (type as types.UnwrappedUnionType).types : [type];
}

function nameOf(type: Type): string {
  return type.branchName ?? type.typeName;
}

function isRecord(type: Type): type is types.RecordType {
  return type.typeName === 'record';
}

function isArray(type: Type): type is types.ArrayType {
  return type.typeName === 'array';
}

function isMap(type: Type): type is types.MapType {
  return type.typeName === 'map';
}
