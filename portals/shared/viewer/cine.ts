/**
 * Show each image of a clip when its time has come, from one on and round again, until what is returned is called.
 * A slow machine skips images and keeps the rate honest.
 */
export function play({ from, total, frameTimeMs, show }: { from: number; total: number; frameTimeMs: number; show: (index: number) => void }): () => void {
  const begun = performance.now();
  let shown = from;
  const tick = (now: number) => {
    next = requestAnimationFrame(tick);
    const wanted = (from + Math.floor(Math.max(0, now - begun) / frameTimeMs)) % total;
    if (wanted === shown) return;
    shown = wanted;
    show(wanted);
  };
  let next = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(next);
}
