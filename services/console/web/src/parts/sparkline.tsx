/** Shows the counts of a minute as bars. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const max = Math.max(1, ...values)
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${values.length * 4} 40`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {values.map((value, index) => {
        const height = value === 0 ? 1 : Math.max(2, (value / max) * 40)
        return (
          <rect
            key={index}
            x={index * 4}
            y={40 - height}
            width="3"
            height={height}
            class={value === 0 ? 'none' : ''}
          />
        )
      })}
    </svg>
  )
}
