/** PostgreSQL answered COMMIT with ROLLBACK: a statement had failed, and the caller went on as if it had not. */
class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError'
  readonly code = 'COMMIT_REFUSED'
}

/**
 * Checks the answer to COMMIT. PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error,
 * which the database libraries ignore: the caller would believe in rows that are not there.
 *
 * @throws CommitRefusedError COMMIT_REFUSED if the transaction was rolled back
 */
export function requireCommit({ command }: { readonly command: string }): void {
  if (command === 'COMMIT') return
  throw new CommitRefusedError(
    'the transaction was rolled back instead of committed: a statement in it had failed',
  )
}
