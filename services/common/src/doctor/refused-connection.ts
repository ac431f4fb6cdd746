import { type Finding, problem } from './finding.ts'

/** Why a connection to PostgreSQL could not be made, as a finding. */
export function refusedConnection(host: string, error: unknown): Finding {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  const [needed, advice] = adviceOf(code, message)
  return problem(`PostgreSQL at ${host} cannot be used (${message.split('\n')[0] || code}).`, needed, advice)
}

function adviceOf(code: string, message: string): readonly [needed: string, advice: string] {
  const [, ...found] = advices.find(([test]) => test.test(code) || test.test(message)) ?? []
  const [needed = 'Every service keeps its data there.', advice = startIt] = found
  return [needed, advice]
}

const startIt = 'Start it or correct DATABASE_URL, or leave it out.'

/** By PostgreSQL's or the system's code, or the message where there is none. */
const advices: readonly (readonly [test: RegExp, needed: string, advice: string])[] = [
  [
    /^28P01$|SASL|password must be a string/,
    'It asks for the password of the user that DATABASE_URL names.',
    'Correct the password in DATABASE_URL, with special characters as %40, or set it: ALTER ROLE … PASSWORD.',
  ],
  [
    /no pg_hba\.conf entry .*no encryption/,
    'Its pg_hba.conf has to let this user in from this machine, and may do so over TLS alone.',
    'Add sslmode=require to DATABASE_URL, correct the user in it, or add a line to pg_hba.conf and reload it.',
  ],
  [
    /^28000$/,
    'Its pg_hba.conf has to let this user in from this machine.',
    'Correct the user in DATABASE_URL, make it (CREATE ROLE … LOGIN SUPERUSER), or add a line to pg_hba.conf and reload it.',
  ],
  [
    /^3D000$/,
    'DATABASE_URL names a database to begin with, from which the others are made.',
    'Name one that is there, such as /postgres.',
  ],
  [
    /^53300$/,
    'The services need connections as well.',
    'End sessions that are not needed, or raise max_connections and restart it.',
  ],
  [
    /^57P03$/,
    'It is starting, stopping or recovering.',
    'Try again in a moment; its log says how far it is.',
  ],
  [
    /^URI malformed$/,
    'In DATABASE_URL a percent sign and two digits are a byte of a character in UTF-8, as in %40.',
    'Write a percent sign of the user or the password as %25.',
  ],
  [
    /, open '/,
    'DATABASE_URL names a file that has to be read.',
    'Correct sslrootcert, sslcert or sslkey in it, or put the file there.',
  ],
  [
    /does not support SSL|SSL|certificate/i,
    'Client and server have to agree on TLS.',
    'Correct sslmode in DATABASE_URL, or turn on ssl at the server.',
  ],
]
