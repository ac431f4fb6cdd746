import path from 'node:path'
import { serviceNames } from '../platform/databases.ts'
import { replicaName } from '../platform/service-process.ts'
import type { System } from '../platform/system.ts'
import type { DemoConcert } from './demo-concert.ts'

/** The summary of a running system for users: its addresses, and what to type next. */
export function summary(
  system: System,
  dir: string,
  concert: DemoConcert | undefined,
  consoleLinks: readonly string[],
): string {
  const { services, relays, console, kafka, adminDatabaseUrl } = system.addresses
  const rows = serviceNames.flatMap((name) => [
    ...services[name].grpc.map((address, replica) => [
      replicaName(name, replica),
      address,
      'gRPC',
      metricsUrl(services[name].metrics[replica]),
    ]),
    ...relays[name].metrics.map((address, replica) => [
      replicaName(`relay-${name}`, replica),
      '',
      '',
      metricsUrl(address),
    ]),
  ])
  for (const [replica, { metrics }] of console.entries())
    rows.push([replicaName('console', replica), '', '', metricsUrl(metrics)])
  rows.push(['kafka', kafka.brokers.join(','), '', ''])
  rows.push(['postgres', withoutPassword(adminDatabaseUrl), '', ''])
  const lines = ['', ...table(rows), '']
  if (concert) lines.push(`Demo concert: "${concert.title}", ${concert.concertId}`)
  for (const link of consoleLinks) lines.push(`Console: ${link}`)
  if (consoleLinks.length > 0)
    lines.push('         signs in once, within ten minutes; another link: npx boxoffice console')
  lines.push(`Logs: ${path.join(dir, 'logs')}`)
  if (concert)
    lines.push('Buy a ticket, in another terminal: npx boxoffice charge 50000 && npx boxoffice buy A-1-1')
  return lines.join('\n')
}

function table(rows: readonly (readonly string[])[]): string[] {
  // The list of brokers is long, and has no column beside it.
  const columns = rows.filter((row) => row[2] !== '' || row[3] !== '')
  const widths = [0, 1, 2].map((column) => Math.max(...columns.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
}

function metricsUrl(address: string | undefined): string {
  return address === undefined ? '' : `http://${address}/metrics`
}

function withoutPassword(text: string): string {
  const url = new URL(text)
  url.password = ''
  return url.href
}
