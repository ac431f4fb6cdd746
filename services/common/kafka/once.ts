/** Runs `work` at the first call only: a repair of KafkaJS applies to the process, however many clients it has. */
export function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    work()
  }
}
