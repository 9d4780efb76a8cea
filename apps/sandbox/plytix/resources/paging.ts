import { json } from '../../http/answer';
import type { Answer, JsonObject } from '../../http/answer';
import type { ApiCall } from '../api';
import { search } from '../search/engine';
import type { SearchField, SearchResource } from '../search/engine';

/** A resource that is small: a table of columns and one of fields are all that its search needs. */
export interface SmallResource<Row> {
  name: string;
  /** In order of creation. */
  rows: readonly Row[];
  id(row: Row): string;
  fields: Readonly<Record<string, SearchField<Row>>>;
  columns: readonly string[];
  /** The whole record. */
  print(row: Row): JsonObject;
  /** Printed whether asked for or not. */
  always: readonly string[];
  /** Printed if the search asks for nothing. */
  byDefault: readonly string[];
  orderLimit?: number;
  ignoresOrder?: SearchResource<Row>['ignoresOrder'];
}

/** Answers the search of a small resource. */
export function searchSmall<Row>(call: ApiCall, resource: SmallResource<Row>): Answer {
  return search<Row>(
    call.body,
    {
      rows: () => resource.rows.toReversed(),
      id: resource.id,
      field: (name) => (Object.hasOwn(resource.fields, name) ? resource.fields[name] : undefined),
      hasColumn: (name) => resource.columns.includes(name),
      columnCap: null,
      orderLimit: resource.orderLimit ?? null,
      ignoresOrder: resource.ignoresOrder,
      print: (row, columns) => {
        const asked = columns.length > 0 ? columns : resource.byDefault;
        const whole = resource.print(row);
        const names = [...new Set([...resource.always, ...asked])];
        return Object.fromEntries(names.map((name) => [name, whole[name] ?? null]));
      },
    },
    {
      choices: call.tenant.choices,
      now: call.tenant.clock.now(),
      cache: call.matches,
      name: resource.name,
      revision: String(call.tenant.store.revision),
    },
  );
}

/** A single record: a list of one. */
export function one(status: number, record: JsonObject): Answer {
  return json(status, { data: [record] });
}
