/** Cleans up when a command ends, also by a signal. */
import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const pending = new Set<() => void>();

/**
 * Runs `clean` when the process ends: by itself, or by Ctrl-C, SIGTERM or a closed terminal. A signal ends the process
 * with the exit status that shells give it, such as 130 for Ctrl-C.
 * @returns a function that runs `clean` now instead
 */
export function atEnd(clean: () => void): () => void {
  if (pending.size === 0) listen();
  pending.add(clean);
  return () => {
    if (!pending.delete(clean)) return;
    if (pending.size === 0) stopListening();
    clean();
  };
}

function listen(): void {
  process.on("exit", cleanAll);
  for (const signal of signals) process.on(signal, endBySignal);
}

function stopListening(): void {
  process.off("exit", cleanAll);
  for (const signal of signals) process.off(signal, endBySignal);
}

function endBySignal(signal: (typeof signals)[number]): void {
  process.exit(128 + constants.signals[signal]);
}

/** The last first, as it may use what was there before it. */
function cleanAll(): void {
  const all = [...pending].reverse();
  pending.clear();
  for (const clean of all) clean();
}
