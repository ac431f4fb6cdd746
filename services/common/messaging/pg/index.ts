export { createPgDatabase, type PgTimeouts, type PgTransaction } from './create-pg-database.ts'
export { sqlOf } from './sql-of.ts'
