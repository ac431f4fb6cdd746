import type { Migration } from '@mikro-orm/migrations'

export type MigrationClass = new (...args: ConstructorParameters<typeof Migration>) => Migration
