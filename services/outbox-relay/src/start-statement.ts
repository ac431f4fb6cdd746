import pg from 'pg'

/** From this version on a server sends values in binary; an older one writes each as text, bytes in hexadecimal. */
const binarySince = 140_000

/**
 * Returns the statement that starts this server's stream of a publication, from the position that the slot confirmed.
 */
export async function startStatement(
  client: pg.Client,
  slotName: string,
  publication: string,
): Promise<string> {
  const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num')
  const version = Number(rows[0]?.server_version_num)
  // Position 0/0 means: from what the slot has confirmed.
  return (
    `START_REPLICATION SLOT ${pg.escapeIdentifier(slotName)} LOGICAL 0/0 ` +
    `(proto_version '1', publication_names ${pg.escapeLiteral(pg.escapeIdentifier(publication))}` +
    `${version >= binarySince ? ", binary 'true'" : ''})`
  )
}
