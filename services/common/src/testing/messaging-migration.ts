import { Migration } from '@mikro-orm/migrations'
import { createMessagingTables } from '../postgres/messaging-tables.ts'

/** Creates the messaging tables of every service's database, and no others. */
export class CreateMessagingTables extends Migration {
  override up(): void {
    for (const statement of createMessagingTables) this.addSql(statement)
  }
}
