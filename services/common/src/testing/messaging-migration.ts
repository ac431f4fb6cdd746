import { Migration } from '@mikro-orm/migrations'
import { createMessagingTables } from '../postgres/messaging-tables.ts'

/** The tables that stand in every service's database, and no others. */
export class CreateMessagingTables extends Migration {
  override up(): void {
    for (const statement of createMessagingTables) this.addSql(statement)
  }
}
