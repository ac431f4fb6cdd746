import type { ServerDescription } from './describe-server.ts'
import { type Finding, fine, problem, warning } from './finding.ts'

/** The oldest major version that the tests have been run on. */
const oldestVersion = 15
/** A relay for each of the three services. */
const relays = 3
/** The size of the pools of the three services, the console and the relays together. */
const connectionsNeeded = 52

/** Judges what every process relies on, whatever the rights of its role. */
export function judgeServer(server: ServerDescription): Finding[] {
  const findings: Finding[] = []
  const { versionNumber, version, inRecovery, readOnly, fsync, fullPageWrites, encoding } = server
  if (Math.floor(versionNumber / 10_000) < oldestVersion) {
    findings.push(
      problem(
        `PostgreSQL is version ${version}.`,
        `Boxoffice needs ${oldestVersion} or later, the oldest that it is tried on.`,
        'Upgrade the server, or use another one.',
      ),
    )
  }
  if (inRecovery) {
    findings.push(
      problem('This PostgreSQL server is a standby.', 'Nothing can be written to it.', 'Use its primary.'),
    )
  }
  if (readOnly === 'on') {
    findings.push(
      problem(
        'PostgreSQL has default_transaction_read_only=on.',
        'The services answer with UNAVAILABLE until they may write.',
        'Run: ALTER SYSTEM RESET default_transaction_read_only (or ALTER DATABASE, ALTER ROLE), then SELECT pg_reload_conf().',
      ),
    )
  }
  for (const [name, value] of Object.entries({ fsync, full_page_writes: fullPageWrites })) {
    if (value === 'on') continue
    findings.push(
      problem(
        `PostgreSQL has ${name}=${value}.`,
        'What it has acknowledged may be gone after a power cut, and with it payments.',
        `Run: ALTER SYSTEM SET ${name} = on, then SELECT pg_reload_conf().`,
      ),
    )
  }
  if (encoding !== 'UTF8') {
    findings.push(
      problem(
        `The database has the encoding ${encoding}.`,
        'Titles and reasons are in any language, so it has to be UTF8.',
        "Make it again with ENCODING 'UTF8' TEMPLATE template0.",
      ),
    )
  }
  findings.push(...judgeLog(server))
  return findings.length > 0 ? findings : [fine(`PostgreSQL ${version} is as needed.`)]
}

function judgeLog({ walLevel }: ServerDescription): Finding[] {
  if (walLevel === 'logical') return []
  return [
    problem(
      `PostgreSQL has wal_level=${walLevel}.`,
      'The relays read its log, for which it has to be logical.',
      'Run: ALTER SYSTEM SET wal_level = logical, and restart it.',
    ),
  ]
}

/** Judges what is needed to create databases, roles and relays on the server. Only a superuser sees all of it. */
export function judgeRoom(server: ServerDescription): Finding[] {
  const { role, superuser, slotsMax, slots, ourSlots, sendersMax, senders, ourSenders, connectionsFree } =
    server
  const findings: Finding[] = []
  if (!superuser) {
    findings.push(
      problem(
        `The user ${role} of DATABASE_URL is no superuser.`,
        'Databases and roles that may replicate are to be made.',
        `Use one that is, or run as one: ALTER ROLE ${role} SUPERUSER.`,
      ),
    )
  }
  findings.push(
    ...judgePlaces('replication slots', 'max_replication_slots', slotsMax, slots - ourSlots),
    ...judgePlaces('wal senders', 'max_wal_senders', sendersMax, senders - ourSenders),
  )
  if (connectionsFree < connectionsNeeded) {
    findings.push(
      warning(
        `PostgreSQL has ${Math.max(connectionsFree, 0)} connections free.`,
        `The pools of all processes take up to ${connectionsNeeded}, and those that are refused try again.`,
        `Run: ALTER SYSTEM SET max_connections = 200, and restart it; or end sessions that are not needed.`,
      ),
    )
  }
  return findings
}

function judgePlaces(what: string, setting: string, most: number, othersUse: number): Finding[] {
  const free = most - othersUse
  if (free >= relays) return []
  return [
    problem(
      `PostgreSQL has ${Math.max(free, 0)} ${what} for the relays (${setting}=${most}, others use ${othersUse}).`,
      `Each of the ${relays} relays needs one.`,
      `Run: ALTER SYSTEM SET ${setting} = ${othersUse + relays + 7}, and restart it; or drop those that are not used.`,
    ),
  ]
}
