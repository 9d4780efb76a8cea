import type { Node } from 'yaml';
import type { AttributePath, EntityName } from '#contracts';
import { ENTITIES } from '#contracts';
import { attributeType, attributeWords, isCatalogued, keyAttributes } from './attribute-catalogue';
import type { EntityMapping, FieldMapping, RestRule, SourceMapping } from './mapping';
import { fieldsOf } from './mapping';
import { OperatorReader } from './parse-operator';
import type { RulesEntry } from './rules-document';
import { RulesDocument } from './rules-document';
import { didYouMean } from './suggest';
import type { Systems } from './systems';

const SECTIONS = ['code', 'parent', 'fields', 'rest', 'drop'];

/**
 * Reads `<system>.source.yaml`. Throws a RulesError that carries every problem in the file: unknown entities,
 * target attributes and operators, targets given twice, operators that cannot give what the target needs.
 */
export function parseSourceMapping(text: string, file: string, systems: Systems): SourceMapping {
  const document = new RulesDocument(text, file);
  const entities = new Map<EntityName, EntityMapping>();
  let system: string | null = null;
  for (const entry of document.root === null ? [] : document.entries(document.root, 'the file')) {
    const entity = ENTITIES.find((name) => name === entry.key);
    if (entry.key === 'system') system = readSystem(document, entry, systems);
    else if (entity !== undefined && isCatalogued(entity))
      entities.set(entity, readEntity(document, entity, entry));
    else reportEntity(document, entry);
  }
  if (system === null)
    document.report(document.root, 'the file names no system', 'Begin with system: <name>.');
  if (entities.size === 0)
    document.report(document.root, 'the file maps no entity', 'Add product: or variant:.');
  document.throwProblems();
  return { system: system!, file, entities };
}

function readSystem(document: RulesDocument, { value, keyNode }: RulesEntry, systems: Systems): string {
  const name = document.text(value, 'the system', keyNode) ?? '';
  if (name !== '' && !systems.has(name)) {
    document.report(value, `unknown system "${name}"`, didYouMean(name, systems.keys()));
  }
  return name;
}

function reportEntity(document: RulesDocument, { key, keyNode }: RulesEntry): void {
  const known = ENTITIES.filter(isCatalogued);
  const isEntity = ENTITIES.some((name) => name === key);
  const message = isEntity ? `records of ${key} cannot be mapped` : `unknown entity "${key}"`;
  document.report(keyNode, message, didYouMean(key, [...known, 'system']));
}

function readEntity(
  document: RulesDocument,
  entity: EntityName,
  { value, keyNode }: RulesEntry,
): EntityMapping {
  const sections = new Map(
    document.entries(value, `"${entity}"`, keyNode).map((entry) => [entry.key, entry]),
  );
  for (const { key, keyNode: node } of sections.values()) {
    if (!SECTIONS.includes(key)) document.report(node, `unknown section "${key}"`, didYouMean(key, SECTIONS));
  }
  const parent = sections.get('parent');
  if (parent !== undefined && entity !== 'variant') {
    document.report(parent.keyNode, `a ${entity} has no parent`, 'Only variants belong to a product.');
  }
  const mapping: EntityMapping = {
    code:
      document.text(
        sections.get('code')?.value ?? null,
        `"code" of ${entity}, the field with its key,`,
        keyNode,
      ) ?? '',
    parent: parent === undefined ? null : document.text(parent.value, '"parent"', parent.keyNode),
    fields: readFields(document, entity, sections.get('fields')),
    rest: readRest(document, sections.get('rest')),
    drop: readDrop(document, sections.get('drop')),
  };
  checkDropped(document, mapping, sections.get('drop'));
  return mapping;
}

function readFields(
  document: RulesDocument,
  entity: EntityName,
  section: RulesEntry | undefined,
): FieldMapping[] {
  if (section === undefined) return [];
  const operators = new OperatorReader(document);
  return document.entries(section.value, '"fields"', section.keyNode).flatMap((entry): FieldMapping[] => {
    const type = targetType(document, entity, entry.key, entry.keyNode);
    const read = operators.read(entry, type);
    if (type === null || read === null) return [];
    return [{ target: entry.key, type, ...read, line: document.lineOf(entry.keyNode) }];
  });
}

function targetType(document: RulesDocument, entity: EntityName, target: AttributePath, node: Node) {
  const type = attributeType(entity, target);
  if (target === keyAttributes(entity)[0]) {
    document.report(node, `"${target}" is given by "code"`, 'Take it out of "fields".');
  } else if (type === null) {
    const near = didYouMean(target, attributeWords(entity));
    const other = `An attribute that the schema does not name is written "custom.${target}".`;
    document.report(
      node,
      `${entity} has no attribute "${target}"`,
      near ?? (target.includes('.') ? null : other),
    );
  }
  return type;
}

/** `rest: { attributes.*: custom.* }` */
function readRest(document: RulesDocument, section: RulesEntry | undefined): RestRule[] {
  if (section === undefined) return [];
  return document.entries(section.value, '"rest"', section.keyNode).flatMap((entry): RestRule[] => {
    const target = document.text(entry.value, `the target of "${entry.key}"`, entry.keyNode);
    if (!isPrefixGlob(entry.key)) {
      document.report(
        entry.keyNode,
        `"${entry.key}" must be a prefix and a star`,
        'Write for instance attributes.*.',
      );
    } else if (target !== null && (!isPrefixGlob(target) || !target.startsWith('custom.'))) {
      document.report(entry.value, `"${target}" cannot take what is left`, 'Write custom.*.');
    } else if (target !== null) {
      return [{ prefix: entry.key.slice(0, -1), target: target.slice(0, -1) }];
    }
    return [];
  });
}

function isPrefixGlob(text: string): boolean {
  return text.length > 1 && text.indexOf('*') === text.length - 1;
}

function readDrop(document: RulesDocument, section: RulesEntry | undefined): Set<string> {
  return new Set(section === undefined ? [] : document.texts(section.value, '"drop"', section.keyNode));
}

function checkDropped(
  document: RulesDocument,
  mapping: EntityMapping,
  section: RulesEntry | undefined,
): void {
  const used = [
    mapping.code,
    mapping.parent,
    ...mapping.fields.flatMap(({ operator }) => fieldsOf(operator)),
  ];
  for (const field of mapping.drop) {
    if (used.includes(field))
      document.report(section?.keyNode ?? null, `"${field}" is dropped, but a rule uses it`);
  }
}
