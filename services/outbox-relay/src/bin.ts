#!/usr/bin/env node
import { ConfigError } from '@boxoffice/common/config/settings.ts'
import { readNames, settings } from './config.ts'
import { describeSettings } from './describe-settings.ts'
import { outboxSql, shardSql } from './outbox-sql.ts'

const usage = `outbox-relay        publishes the rows of one outbox table to Kafka, until SIGTERM
outbox-relay sql    prints the SQL that makes the table, its publication and the role of the relay (OUTBOX_ROLE)
outbox-relay sql shards   prints the SQL that makes the publications of RELAY_SHARDS shards of a table that is there

Its settings are environment variables:
`

// The package installs this as `outbox-relay`. The process itself is main.ts.
const [command, ...rest] = process.argv.slice(2)
if (command === undefined) await import('./main.ts')
else if (command === 'sql' && ['', 'shards'].includes(rest.join(' '))) printSql(rest.length > 0)
else if (rest.length === 0 && ['help', '--help', '-h'].includes(command))
  process.stdout.write(usage + describeSettings(settings))
else {
  process.stderr.write(
    `outbox-relay has no command ${[command, ...rest].join(' ')}.\n\n${usage.split('\n\n')[0]}\n`,
  )
  process.exitCode = 2
}

function printSql(isOfShards: boolean): void {
  try {
    const { outboxRole, relayShards, ...names } = readNames()
    process.stdout.write(
      isOfShards ? shardSql(names, relayShards) : outboxSql(names, outboxRole, relayShards),
    )
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
