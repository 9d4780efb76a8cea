import type {
  AttributePath,
  Attributes,
  AttributeValue,
  EntityName,
  HubId,
  ProvenanceGroup,
  SystemName,
} from '#contracts';
import { keyAttributes } from './attribute-catalogue';
import { conditionTexts } from './condition';
import { deepEqual } from './diff';
import type { Condition, OwnershipRules } from './ownership';

/** Which source event gave an attribute. */
export interface Origin {
  /** `ce_id` of the source event. */
  eventId: string;
  /** Time of that event, milliseconds since the epoch. */
  tsMs: number;
}

/** What one system says of one record, owned or not. */
export interface Contribution {
  system: SystemName;
  /** Rises with each change of the source record. Equal sequences of one system mean equal contributions. */
  sequence: number;
  /** The source record is gone. What it had supplied counts as supplied and null. */
  deleted: boolean;
  /** Everything that the system ever supplied, with null for what it cleared. */
  attributes: Attributes;
  /** The event that last changed each attribute: one for every key of `attributes`. */
  origins: Record<AttributePath, Origin>;
  /** The product to which the record belongs by this system's word; for a product its own hub_id. */
  productId: HubId;
}

/** The golden record: the values in force, and who gave each of them. */
export interface GoldenState {
  /** null is cleared; an attribute that is not there was never supplied by anyone who may. */
  attributes: Attributes;
  /** By (system, event), sorted. Each key of `attributes` is in exactly one group. */
  provenance: ProvenanceGroup[];
  productId: HubId;
}

export interface FoldInput {
  entity: EntityName;
  /** In any order. Of several from one system the one with the highest sequence counts. */
  contributions: readonly Contribution[];
  /** For a variant the golden record of the product that `linkedProduct` names, or null; else not looked at. */
  product: GoldenState | null;
  rules: OwnershipRules;
  /** The day on which rules about dates are judged, `YYYY-MM-DD`. There are none yet. */
  date: string;
}

/**
 * The golden record that follows from what all systems say; null when the record does not exist. A pure
 * function: neither the order of the contributions nor repeats among them change the result.
 *
 * - A record exists while the system that says so (`exists`) says so, and while its key is known: without code
 *   or SKU it could not be addressed. A variant exists only while its product does.
 * - For each attribute: the owner in force, then those whom the rule named before it, the latest first; the
 *   first that ever supplied it gives value and provenance. Denied values are never looked at.
 * - The owner in force is the first of the rule's chain whose `until` does not hold. Conditions look at golden
 *   attributes of the same record, which are therefore selected first; `parseOwnership` refuses circles.
 * - A variant's attribute `product` is the product's golden code, whatever the variant's source says.
 *
 * @throws Error when a caller breaks the contract: a contribution without an origin for one of its attributes,
 *   or a `product` that is not the one to which the variant belongs.
 */
export function fold(input: FoldInput): GoldenState | null {
  const { entity, rules } = input;
  const voices = latestBySystem(input.contributions);
  const witness = voices.get(rules.existsOwner(entity) ?? '');
  if (witness === undefined || witness.deleted) return null;
  const productId = entity === 'variant' ? variantProduct(input, voices) : witness.productId;
  if (productId === null) return null;

  const select = selection(entity, voices, rules, input.product);
  const selected: SelectedAttribute[] = [];
  for (const attribute of suppliedAttributes(voices)) {
    const choice = select(attribute);
    if (choice !== null) selected.push({ attribute, ...choice });
  }
  const attributes: Attributes = Object.fromEntries(
    selected.map(({ attribute, value }) => [attribute, value]),
  );
  if (!keyAttributes(entity).every((attribute) => isFilled(attributes[attribute]))) return null;
  return { attributes, provenance: groupProvenance(selected), productId };
}

/**
 * The product to which a variant belongs, by the owner of its attribute `product`; null when that owner has
 * said nothing yet or its record is gone. Callers load that product's golden record for the fold.
 */
export function linkedProduct(contributions: readonly Contribution[], rules: OwnershipRules): HubId | null {
  const voices = latestBySystem(contributions);
  const choice = selection('variant', voices, rules, null)('product');
  return choice === null || choice.voice.deleted ? null : choice.voice.productId;
}

/**
 * True when two golden records say the same: the same attributes, supplied and cleared alike, with the same
 * values. Who gave them, and where the record lies, is not content.
 */
export function sameContent(
  a: Pick<GoldenState, 'attributes'> | null,
  b: Pick<GoldenState, 'attributes'> | null,
): boolean {
  return a === null || b === null ? a === b : deepEqual(a.attributes, b.attributes);
}

type Voices = ReadonlyMap<SystemName, Contribution>;
type Choice = { value: AttributeValue; voice: Contribution; origin: Origin };
type Select = (attribute: AttributePath) => Choice | null;
type SelectedAttribute = Choice & { attribute: AttributePath };

function latestBySystem(contributions: readonly Contribution[]): Voices {
  const latest = new Map<SystemName, Contribution>();
  for (const contribution of contributions) {
    const known = latest.get(contribution.system);
    if (known === undefined || known.sequence < contribution.sequence)
      latest.set(contribution.system, contribution);
  }
  return latest;
}

function variantProduct({ contributions, rules, product }: FoldInput, voices: Voices): HubId | null {
  const productId = linkedProduct(contributions, rules);
  if (productId === null || product === null) return null;
  if (product.productId === productId) return productId;
  const systems = [...voices.keys()].sort().join(', ');
  throw new Error(
    `folding a variant of ${systems}: it belongs to product ${productId}, but was given product ${product.productId}`,
  );
}

/** All attributes that anyone supplied, in one fixed order. */
function suppliedAttributes(voices: Voices): AttributePath[] {
  const names = new Set<AttributePath>();
  for (const { attributes } of voices.values()) for (const name of Object.keys(attributes)) names.add(name);
  return [...names].sort();
}

/** Selects attributes one by one, and those that a condition looks at before the one that waits for it. */
function selection(
  entity: EntityName,
  voices: Voices,
  rules: OwnershipRules,
  product: GoldenState | null,
): Select {
  const memo = new Map<AttributePath, Choice | null>();
  const select: Select = (attribute) => {
    const known = memo.get(attribute);
    if (known !== undefined) return known;
    const choice = choose(attribute);
    memo.set(attribute, choice);
    return choice;
  };
  const choose: Select = (attribute) => {
    const chain = rules.rule(entity, attribute)?.chain ?? [];
    const inForce = chain.findIndex(({ until }) => until === null || !holds(until, select));
    for (let step = inForce; step >= 0; step -= 1) {
      const voice = voices.get(chain[step]!.owner);
      if (voice === undefined || !Object.hasOwn(voice.attributes, attribute)) continue;
      if (rules.isDenied(voice.system, entity, attribute) !== null) continue;
      const isLink = entity === 'variant' && attribute === 'product';
      return {
        value: valueOf(voice, attribute, isLink ? product : null),
        voice,
        origin: originOf(voice, attribute),
      };
    }
    return null;
  };
  return select;
}

function valueOf(voice: Contribution, attribute: AttributePath, product: GoldenState | null): AttributeValue {
  if (voice.deleted) return null;
  return (product ?? voice).attributes[product === null ? attribute : 'code'] ?? null;
}

function originOf({ system, sequence, origins }: Contribution, attribute: AttributePath): Origin {
  const origin = Object.hasOwn(origins, attribute) ? origins[attribute] : undefined;
  if (origin !== undefined) return origin;
  throw new Error(
    `folding ${attribute}: the contribution of ${system}, sequence ${sequence}, has no origin for it`,
  );
}

function holds(condition: Condition, select: Select): boolean {
  return condition.every(({ attribute, anyOf }) => {
    const texts = conditionTexts(select(attribute)?.value ?? null);
    return texts.some((text) => anyOf.includes(text));
  });
}

function isFilled(value: AttributeValue | undefined): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function groupProvenance(selected: readonly SelectedAttribute[]): ProvenanceGroup[] {
  const groups = new Map<string, ProvenanceGroup>();
  for (const { attribute, voice, origin } of selected) {
    const id = `${voice.system} ${origin.eventId} ${origin.tsMs}`;
    const group = groups.get(id);
    if (group !== undefined) group.attributes.push(attribute);
    else {
      const { eventId, tsMs } = origin;
      groups.set(id, { system: voice.system, event_id: eventId, ts_ms: tsMs, attributes: [attribute] });
    }
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
