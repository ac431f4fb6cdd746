/**
 * The URL with settings that a service without ours needs on the servers of the tests, whose defaults are hostile: where its tables
 * are, and that nothing ends its session or its statements too soon.
 */
export function withOptions(url: string, searchPath = 'public,messaging'): string {
  const settings = [
    `search_path=${searchPath}`,
    'statement_timeout=0',
    'idle_session_timeout=0',
    'idle_in_transaction_session_timeout=10s',
    'exit_on_error=off',
  ]
  const plain = new URL(url)
  plain.searchParams.set('options', settings.map((setting) => `-c ${setting}`).join(' '))
  return plain.href
}
