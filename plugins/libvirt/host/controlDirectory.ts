/** Where ssh's control sockets lie: whoever can open one is logged in on the host. */
import { lstat, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * A directory of this user alone, the same for all processes, so that one that is killed
 * leaves none behind. Short, because the path of a socket may have
 * 104 characters at most. Where somebody else has taken the name, a new one.
 */
export async function controlDirectory(): Promise<string> {
  const { uid } = userInfo();
  const path = join(tmpdir(), `kvm-mirror-ssh-${uid}`);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const found = await lstat(path);
  const ours = found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0;
  return ours ? path : mkdtemp(`${path}-`);
}
