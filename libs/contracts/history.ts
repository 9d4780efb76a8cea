import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fullIncompatibilities } from './compatibility';
import { SchemaError } from './errors';
import type { SchemaSet } from './schema-set';
import { ENTITIES } from './types';
import type { EntityName } from './types';

/** The command that records compatible changes; named in every message that asks for it. */
export const RECORD_COMMAND = 'npm run schemas:record';

type SubjectKind = 'key' | 'source' | 'golden';

/** One schema whose released versions are kept, whatever topics it is used in: `product.golden`. */
export interface Subject {
  name: string;
  entity: EntityName;
  kind: SubjectKind;
}

/** How a schema stands to its released versions. `message` is for people; null when there is nothing to do. */
export type Finding = { subject: Subject; schema: string } & (
  | { status: 'recorded'; message: null }
  | { status: 'unrecorded' | 'compatible' | 'incompatible' | 'frozen'; message: string }
);

/** All subjects: the key, the source envelope and the golden envelope of each entity. */
export function subjects(): Subject[] {
  const kinds: readonly SubjectKind[] = ['key', 'source', 'golden'];
  return ENTITIES.flatMap((entity) => kinds.map((kind) => ({ name: `${entity}.${kind}`, entity, kind })));
}

/** Compares every schema with its released versions below `dir`/history. Reads files, writes nothing. */
export function compareWithHistory(schemas: SchemaSet, dir: string): Finding[] {
  return subjects().map((subject) => {
    const schema = composed(schemas, subject);
    return compareVersions(subject, schema, readVersions(dir, subject));
  });
}

/** How one schema stands to its released versions, oldest first. */
export function compareVersions(subject: Subject, schema: string, versions: readonly string[]): Finding {
  const last = versions.at(-1);
  const { name } = subject;
  if (last === undefined) {
    const message = `${name} has no released version. Record it: ${RECORD_COMMAND}`;
    return { subject, schema, status: 'unrecorded', message };
  }
  if (last === schema) return { subject, schema, status: 'recorded', message: null };
  if (subject.kind === 'key') {
    const message = `${name} differs from what was released, and keys are frozen: compaction and partitioning live from their bytes. Take the change back.`;
    return { subject, schema, status: 'frozen', message };
  }
  const problems = problemsWith(schema, versions);
  if (problems.length > 0) {
    const message = `${name} is not FULL_TRANSITIVE compatible: ${problems.join('; ')}. Add fields with a null default instead.`;
    return { subject, schema, status: 'incompatible', message };
  }
  const message = `${name} has changed, compatibly. Record it: ${RECORD_COMMAND}`;
  return { subject, schema, status: 'compatible', message };
}

function problemsWith(schema: string, versions: readonly string[]): string[] {
  return versions.flatMap((version, index) =>
    fullIncompatibilities(schema, version).map(({ direction, path, reason }) => {
      const told = direction === 'backward' ? 'it cannot read' : 'it cannot be read by';
      return `${told} version ${index + 1} at ${path || 'the record'} (${reason})`;
    }),
  );
}

/**
 * Appends every new or compatibly changed schema to its history. Writes nothing when one of the schemas must
 * not be released. Returns all findings as they were before.
 */
export function recordHistory(schemas: SchemaSet, dir: string): Finding[] {
  const findings = compareWithHistory(schemas, dir);
  if (findings.some(({ status }) => status === 'incompatible' || status === 'frozen')) return findings;
  for (const { subject, schema, status } of findings) {
    if (status === 'recorded') continue;
    const versions = [...readVersions(dir, subject), schema];
    mkdirSync(join(dir, 'history'), { recursive: true });
    const text = `${JSON.stringify({ subject: subject.name, versions }, null, 2)}\n`;
    writeFileSync(join(dir, historyFile(subject)), text);
  }
  return findings;
}

function historyFile(subject: Subject): string {
  return `history/${subject.name}.json`;
}

/** The JSON text of each released version, exactly as it is registered but for the namespace. */
function readVersions(dir: string, subject: Subject): string[] {
  const file = historyFile(subject);
  if (!existsSync(join(dir, file))) return [];
  try {
    const { versions } = JSON.parse(readFileSync(join(dir, file), 'utf8')) as { versions: unknown };
    if (Array.isArray(versions) && versions.every((version) => typeof version === 'string')) return versions;
  } catch (error) {
    throw new SchemaError(file, (error as Error).message, { cause: error });
  }
  throw new SchemaError(file, 'it has no list of versions');
}

/** The schema as in a topic, but in a namespace that belongs to none. */
function composed(schemas: SchemaSet, { entity, kind }: Subject): string {
  const topic = `history.${entity}`;
  return kind === 'key' ? schemas.keySchema(topic, entity) : schemas.envelopeSchema(topic, entity, kind);
}
