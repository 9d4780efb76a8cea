import { setTimeout as delay } from 'node:timers/promises';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { z } from 'zod';
import { RegistryFault, RegistryHttp, codeOf, kindOf, registryAddress, shortMessage } from './registry-http';
import type { RegistrySettings } from './registry-http';

const LEVEL = COMPATIBILITY.FULL_TRANSITIVE;
const REGISTER_TIMEOUT_MS = 20_000;

const levelAnswer = z.object({ compatibilityLevel: z.string() });
/** PUT answers `compatibility` at Confluent, `compatibilityLevel` at Apicurio. */
const putAnswer = z.object({
  compatibility: z.string().optional(),
  compatibilityLevel: z.string().optional(),
});
const schemaAnswer = z.object({ schema: z.string(), schemaType: z.string().optional() });

/**
 * A Confluent-compatible schema registry. Every rejection is a {@link RegistryFault}, one sentence that
 * names the subject or id and the address (without credentials):
 * - `incompatible_schema` (config): the registry refused, with the differences where it lists them
 * - `registry_not_found` (config): there is no such id
 * - `registry_unreachable` (transient): no connection, or no answer in time
 */
export class SchemaRegistryClient {
  private readonly http: RegistryHttp;
  private readonly client: SchemaRegistry;
  private readonly schemas = new Map<number, string>();
  private readonly pending = new Map<number, Promise<string>>();

  constructor(settings: RegistrySettings) {
    this.http = new RegistryHttp(settings);
    const { base, auth } = registryAddress(settings);
    this.client = new SchemaRegistry({ host: base, ...(auth && { auth }) });
  }

  /**
   * Sets the global level to FULL_TRANSITIVE: subscribers are strangers and upgrade when they like. Apicurio
   * enforces nothing until this was done once. Tells if the registry does not let us: `ok: false` with the
   * level that is in force, so that the caller may warn and go on (the level is also set for each subject).
   */
  async prepare(): Promise<{ ok: true } | { ok: false; level: string; reason: string }> {
    const level = await this.globalLevel();
    if (level === LEVEL) return { ok: true };
    try {
      await this.putLevel('setting the global compatibility level', '/config');
      return { ok: true };
    } catch (error) {
      if (!(error instanceof RegistryFault) || error.kind === 'transient') throw error;
      // Another process may have set it in between, which Apicurio answers with a conflict.
      if ((await this.globalLevel()) === LEVEL) return { ok: true };
      return { ok: false, level, reason: error.message };
    }
  }

  private async globalLevel(): Promise<string> {
    const { compatibilityLevel } = await this.http.request(
      'reading the global compatibility level',
      'GET',
      '/config',
      levelAnswer,
    );
    return compatibilityLevel.toUpperCase();
  }

  /**
   * Registers the JSON text of an Avro schema and gives its id. The same text again gives the same id. The
   * subject has the level FULL_TRANSITIVE afterwards.
   */
  async register(subject: string, schemaJson: string): Promise<number> {
    const doing = `registering the schema of ${subject}`;
    await this.pinLevel(subject);
    try {
      const { id } = await withinTime(
        this.client.register(
          { type: SchemaType.AVRO, schema: schemaJson },
          { subject, compatibility: LEVEL },
        ),
      );
      this.schemas.set(id, schemaJson);
      return id;
    } catch (error) {
      throw this.registerFault(doing, error);
    }
  }

  /** JSON text of the schema with this id. An id never changes its meaning, so it is asked for once. */
  async schemaById(id: number): Promise<string> {
    const known = this.schemas.get(id);
    if (known !== undefined) return known;
    const running = this.pending.get(id) ?? this.fetchSchema(id);
    this.pending.set(id, running);
    try {
      return await running;
    } finally {
      this.pending.delete(id);
    }
  }

  /** The schema with this id, if it was fetched or registered before. */
  knownSchema(id: number): string | undefined {
    return this.schemas.get(id);
  }

  private async fetchSchema(id: number): Promise<string> {
    const doing = `reading schema ${id}`;
    const { schema, schemaType } = await this.http.request(doing, 'GET', `/schemas/ids/${id}`, schemaAnswer);
    if (schemaType !== undefined && schemaType !== 'AVRO') {
      throw new RegistryFault('config', `${doing}: it is ${schemaType}, not AVRO`, 'registry_refused', 200);
    }
    this.schemas.set(id, schema);
    return schema;
  }

  /**
   * For a subject without a level of its own Apicurio 3.0 answers NONE instead of 404, which the library
   * takes for a level that somebody chose, and refuses to register. So is a subject left whose first
   * registration was cut off between its two requests. Any other level was chosen, and is left to people.
   */
  private async pinLevel(subject: string): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`;
    const level = await this.subjectLevel(subject, path);
    if (level === null || level === LEVEL) return;
    if (level !== COMPATIBILITY.NONE) {
      throw new RegistryFault(
        'config',
        `registering the schema of ${subject} at ${this.http.base}: its compatibility level is ${level} instead of ${LEVEL}`,
        'registry_refused',
        200,
      );
    }
    await this.putLevel(`setting the compatibility level of ${subject}`, path);
  }

  private async subjectLevel(subject: string, path: string): Promise<string | null> {
    try {
      const doing = `reading the compatibility level of ${subject}`;
      const answer = await this.http.request(doing, 'GET', path, levelAnswer);
      return answer.compatibilityLevel.toUpperCase();
    } catch (error) {
      if (error instanceof RegistryFault && error.code === 'registry_not_found') return null;
      throw error;
    }
  }

  private async putLevel(doing: string, path: string): Promise<void> {
    await this.http.request(doing, 'PUT', path, putAnswer, { compatibility: LEVEL });
  }

  private registerFault(doing: string, error: unknown): RegistryFault {
    if (error instanceof RegistryFault) return error;
    const status = statusOf(error);
    const raw = error instanceof Error ? error.message : String(error);
    const reason = shortMessage(raw.replace(/^Confluent_Schema_Registry - /, ''));
    const text = `${doing} at ${this.http.base}: ${reason}`;
    if (status === null) return new RegistryFault('config', text, 'registry_refused', 0, { cause: error });
    // 400 is how the library reports that it got no connection.
    const unreachable = status === 400 && /ECONN|ENOTFOUND|EAI_AGAIN|socket hang up|ETIMEDOUT/.test(raw);
    const seen = unreachable ? 0 : status;
    return new RegistryFault(kindOf(seen), text, codeOf(seen), seen, { cause: error });
  }
}

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}

/** The library has no time limit of its own. */
async function withinTime<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const expiry = delay(REGISTER_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    const message = `no answer within ${REGISTER_TIMEOUT_MS / 1_000} s`;
    throw new RegistryFault('transient', `registering a schema: ${message}`, codeOf(0), 0);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    timer.abort();
    expiry.catch(() => undefined);
  }
}
