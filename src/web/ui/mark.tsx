/** PingMe's sign, as in `icon.svg`. */
export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 3C8.3 3 2 8.4 2 15.1c0 3.9 2.1 7.3 5.4 9.500L6.600 29l5.200-2.600c1.300.3 2.800.5 4.200.5 7.700 0 14-5.300 14-11.800S23.700 3 16 3z" />
      <path class="dots" d="M10 15h.01M16 15h.01M22 15h.01" />
    </svg>
  );
}
