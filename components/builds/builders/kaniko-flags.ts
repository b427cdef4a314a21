/**
 * Flags of Kaniko with which an image is what Docker makes of the same Dockerfile. All are off by default in the version that
 * `images.ts` names (osscontainertools/kaniko `pkg/config/featureflags.go`, README "Feature Flags"); those that are on by
 * default are not listed. Kaniko reads them from its environment.
 */
export const asDocker = [
  // COPY and ADD from the context make files of root, whatever USER says.
  "FF_KANIKO_COPY_AS_ROOT",
  // `COPY --chmod` also sets the mode of the folders that it makes on its way.
  "FF_KANIKO_COPY_CHMOD_ON_IMPLICIT_DIRS",
  // WORKDIR gives all folders that it makes to the USER, not the last one alone.
  "FF_KANIKO_CHOWN_ON_IMPLICIT_DIRS",
  // Variables in the text of `COPY <<EOF` have their values.
  "FF_KANIKO_EXPAND_HEREDOC",
  // RUN has the group of `USER user:group`.
  "FF_KANIKO_RUN_HONOR_GROUP",
  // ADD leaves the mode and the owner of the folder into which it unpacks an archive.
  "FF_KANIKO_UNTAR_SKIP_ROOT",
  // The rest are about the cache: without them, a layer may be found that was made of something else.
  // Values of variables are part of the key of COPY, ADD and WORKDIR.
  "FF_KANIKO_RESOLVE_CACHE_KEY",
  // Instructions, and the files of a folder, cannot run into each other within a key.
  "FF_KANIKO_ROLLING_CACHE_KEY",
  "FF_KANIKO_HASH_DIR_FRAMING",
  // `.dockerignore` is about the context, and not about `COPY --from`.
  "FF_KANIKO_SCOPED_DOCKERIGNORE",
  // A file that a cached layer removes leaves no mark, which COPY --from would copy.
  "FF_KANIKO_SKIP_WRITE_WHITEOUTS",
] as const;
