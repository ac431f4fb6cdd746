import { asAdmin } from './as-admin.ts'
import type { TestSystem } from './shared-system.ts'

/** Runs one statement in a service's database as the superuser. */
export function sql<Row>(
  system: TestSystem,
  service: 'payment' | 'point' | 'reservation',
  statement: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  return asAdmin(system, async (admin) => (await admin.query(statement, parameters)).rows as Row[], service)
}
