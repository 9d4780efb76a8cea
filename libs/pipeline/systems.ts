import type { SystemName } from '#contracts';
import { RulesDocument } from './rules-document';
import { didYouMean } from './suggest';

export const SYSTEM_KINDS = ['plm', 'pim', 'dam', 'shop', 'wms', 'erp', 'database'] as const;
export type SystemKind = (typeof SYSTEM_KINDS)[number];

/** A system that authors or receives product data, as `schemas/rules/systems.yaml` names it. */
export interface SystemInfo {
  /** As people call it: "Centric PLM". */
  title: string;
  kind: SystemKind;
}

export type Systems = ReadonlyMap<SystemName, SystemInfo>;

/** A system's name is a topic segment and a metric label. */
const NAME = /^[a-z][a-z0-9_]*$/;

/** Reads `systems.yaml`. Throws a RulesError with everything that is wrong. */
export function parseSystems(text: string, file: string): Systems {
  const document = new RulesDocument(text, file);
  const systems = new Map<SystemName, SystemInfo>();
  for (const { key, keyNode, value } of rootEntries(document)) {
    if (!NAME.test(key)) {
      document.report(keyNode, `"${key}" cannot be a system's name`, 'Use lower-case letters, digits and _.');
    }
    const fields = new Map(
      document.entries(value, `system "${key}"`, keyNode).map((entry) => [entry.key, entry]),
    );
    for (const field of fields.values()) {
      if (field.key === 'title' || field.key === 'kind') continue;
      document.report(
        field.keyNode,
        `unknown field "${field.key}"`,
        didYouMean(field.key, ['title', 'kind']),
      );
    }
    const title = document.text(fields.get('title')?.value ?? null, `the title of "${key}"`, keyNode);
    const kindNode = fields.get('kind')?.value ?? null;
    const kind = document.text(kindNode, `the kind of "${key}"`, keyNode);
    const known = SYSTEM_KINDS.find((name) => name === kind);
    if (kind !== null && known === undefined) {
      document.report(kindNode, `unknown kind "${kind}"`, didYouMean(kind, SYSTEM_KINDS));
    }
    if (title !== null && known !== undefined) systems.set(key, { title, kind: known });
  }
  document.throwProblems();
  return systems;
}

function rootEntries(document: RulesDocument) {
  return document.root === null ? [] : document.entries(document.root, 'the file');
}
