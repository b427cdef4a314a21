/**
 * Kaniko's feature flags with which an image is the same as Docker's. All are off by default in the version that
 * `images.ts` names (osscontainertools/kaniko `pkg/config/featureflags.go`, README "Feature Flags"). Flags that are on
 * by default are not listed. Kaniko reads them from its environment.
 */
export const asDocker = [
  // COPY and ADD from the context create files owned by root, whatever USER is.
  "FF_KANIKO_COPY_AS_ROOT",
  // `COPY --chmod` also sets the mode of the parent folders that it creates.
  "FF_KANIKO_COPY_CHMOD_ON_IMPLICIT_DIRS",
  // The USER owns all folders that WORKDIR creates, not only the last one.
  "FF_KANIKO_CHOWN_ON_IMPLICIT_DIRS",
  // Variables in the text of `COPY <<EOF` are expanded.
  "FF_KANIKO_EXPAND_HEREDOC",
  // RUN uses the group of `USER user:group`.
  "FF_KANIKO_RUN_HONOR_GROUP",
  // ADD keeps the mode and the owner of the folder into which it unpacks an archive.
  "FF_KANIKO_UNTAR_SKIP_ROOT",
  // The rest concern the cache: without them, a cached layer may have been made from different input.
  // The values of variables are part of the cache key of COPY, ADD and WORKDIR.
  "FF_KANIKO_RESOLVE_CACHE_KEY",
  // A cache key separates instructions from each other, and the files of a folder.
  "FF_KANIKO_ROLLING_CACHE_KEY",
  "FF_KANIKO_HASH_DIR_FRAMING",
  // `.dockerignore` applies to the context, but not to `COPY --from`.
  "FF_KANIKO_SCOPED_DOCKERIGNORE",
  // A file that a cached layer removes leaves no whiteout file, which COPY --from would copy.
  "FF_KANIKO_SKIP_WRITE_WHITEOUTS",
] as const;
