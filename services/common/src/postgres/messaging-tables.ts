import {
  createOutboxPublication,
  defaultOutboxTables,
  messagingTables,
  publicationOf,
} from '@boxoffice/messaging/sql'

/**
 * Refuses corrections outside a restore. It is part of the owner's functions that correct rows which the service may
 * only append. A function of a later migration finds the table by `SET search_path = pg_catalog, messaging, public,
 * pg_temp`.
 */
export const refuseUnlessRestoring = `
  IF NOT EXISTS (SELECT FROM restore WHERE phase = 'APPLYING') THEN
    RAISE EXCEPTION 'only a restore may correct what was decided' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;`

/**
 * The tables of messaging beside the business tables in every service's database, which change in the same
 * transactions: outbox, parked_outbox, outbox_slot, consumer_position, replay, restore, inbox, dead_letter, request,
 * page_token_key. Each service's first migration creates them, as it did before messaging had a schema. Then `migrate`
 * moves all but the last two into it.
 */
export const createMessagingTables: readonly string[] = [
  ...messagingTables('public'),
  `CREATE TABLE request (
    subject     text NOT NULL,
    method      text NOT NULL,
    request_id  uuid NOT NULL,
    fingerprint bytea NOT NULL,
    resource_id uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject, method, request_id)
  )`,
  `CREATE TABLE page_token_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    key      bytea NOT NULL CHECK (length(key) = 32)
  )`,
  `COMMENT ON TABLE page_token_key IS 'Authenticates the page tokens of this service''s lists; one row, drawn here, for all replicas'`,
  // Two random UUIDs have 244 random bits, from the same source as keys (pg_strong_random), and need no extension.
  `INSERT INTO page_token_key (key)
  VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')))`,
  createOutboxPublication({ ...defaultOutboxTables, publication: publicationOf('public') }),
]
