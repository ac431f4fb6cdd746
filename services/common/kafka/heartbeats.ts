/**
 * Waits for `work` and tells the group meanwhile that this member lives.
 *
 * @param onLost - called when a heartbeat fails: the group rebalances or has turned this member away. The work is not
 * waited for any more.
 * @throws what the heartbeat threw
 */
export async function withHeartbeats(
  work: Promise<void>,
  heartbeat: () => Promise<void>,
  intervalMs: number,
  onLost: () => void,
): Promise<void> {
  const lost = Promise.withResolvers<never>()
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => {
      onLost()
      lost.reject(error)
    })
  }, intervalMs / 2)
  try {
    await Promise.race([work, lost.promise])
  } finally {
    clearInterval(timer)
  }
}
