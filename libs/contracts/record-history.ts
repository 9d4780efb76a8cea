/**
 * Records the schemas of today as released: appends what has changed compatibly to `schemas/history`, and
 * refuses everything when one schema must not be released. Usage: `record-history [directory of schemas]`.
 */
import { recordHistory } from './history';
import { defaultSchemasDir, loadSchemas } from './schema-set';

function main(dir: string): number {
  const findings = recordHistory(loadSchemas(dir), dir);
  const refused = findings.filter(({ status }) => status === 'incompatible' || status === 'frozen');
  for (const { message } of refused) process.stderr.write(`${message}\n`);
  if (refused.length > 0) return 1;
  const recorded = findings.filter(({ status }) => status !== 'recorded');
  for (const { subject, status } of recorded) {
    process.stdout.write(`${subject.name}: ${status === 'unrecorded' ? 'first version' : 'new version'}\n`);
  }
  process.stdout.write(`${recorded.length} recorded, ${findings.length - recorded.length} as released\n`);
  return 0;
}

if (require.main === module) process.exitCode = main(process.argv[2] ?? defaultSchemasDir());
