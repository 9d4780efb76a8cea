import type { AttributePath, Attributes, ChangeEvent, EntityName } from '#contracts';

/** What a gate lets through of a golden record. */
export interface Admission {
  attributes: Attributes;
  /** What was held back, and why: a gerund phrase with its subject. */
  blocked: readonly { attribute: AttributePath; reason: string }[];
}

/**
 * Decides what a sink may write of a golden record, before anything is mapped or written. A record of the
 * sink's own rules version has passed the fold and goes through whole.
 */
export interface SinkGate {
  admit(entity: EntityName, event: ChangeEvent & { after: NonNullable<ChangeEvent['after']> }): Admission;
}

/** Lets everything through: for a target that authors nothing itself, such as a mart. */
export const openGate: SinkGate = {
  admit: (_entity, { after }) => ({ attributes: after.attributes, blocked: [] }),
};
