import { readFileSync } from 'node:fs';
import { pomFile } from './jars';
import { postgresBinaries } from './postgres-binaries';

export interface StackVersions {
  kafka: string;
  registry: string;
  postgres: string;
}

/** The versions that the local stack runs: each is written down once, in the pom and in package.json. */
export function stackVersions(): StackVersions {
  const pom = readFileSync(pomFile(), 'utf8');
  return {
    kafka: property(pom, 'kafka.version'),
    registry: property(pom, 'apicurio.version'),
    postgres: postgresBinaries().version,
  };
}

function property(pom: string, name: string): string {
  const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(pom)?.[1];
  if (value === undefined) throw new Error(`reading libs/stack/maven/pom.xml: it has no property ${name}`);
  return value;
}
