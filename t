error    unreadable-file         A file or folder cannot be read
error    invalid-yaml            A file that contains a mirror kind is not valid
                                 YAML or JSON
error    duplicate-key           A mapping contains the same key twice
warning  template-manifest       A mirror manifest is a template
error    invalid-config          The configuration `.mirrorc.yaml` is not valid
error    kustomize-failed        A kustomization cannot be built
error    remote-resource         A kustomization loads a resource from the
                                 network
warning  unapplied-patch         A kustomization patches a mirror object, but
                                 its folder is read without being built
warning  unmatched-path          A path pattern of the configuration matches no
                                 file
error    wrong-api-version       A mirror kind does not exist in its API version
error    missing-field           A required field is missing or null
error    wrong-type              A value has the wrong type for its field
error    invalid-scope           A source, mirror or registry is not
                                 `host[:port][/path]` (or `*.host`)
error    invalid-value           A value is not one of those its field accepts
error    invalid-length          A list or string is shorter or longer than the
                                 API allows
error    duplicate-mirror        A list that must be unique contains a value
                                 twice
error    invalid-metadata        A name, label or annotation breaks Kubernetes'
                                 rules
warning  namespaced-object       A cluster-scoped object has a namespace
error    blocked-and-allowed     The Image config both blocks and allows
                                 registries
error    invalid-key-data        A key or certificate of a signature policy is
                                 not in the PEM format
error    invalid-signer          The issuer, e-mail address or host name of a
                                 signer is malformed
error    policy-members          The members of a signature policy do not fit
                                 its policyType or matchPolicy
error    unknown-field           A field does not exist
error    duplicate-object        Two manifests define the same object
error    policy-conflict         One source has different mirrorSourcePolicies
error    source-among-mirrors    A source under NeverContactSource is listed
                                 among its own mirrors
error    wildcard-unsupported    A wildcard source on a release before 4.16
error    wildcard-over-nested    A blocked or insecure scope without mirrors is
                                 inside a wildcard source
error    invalid-registry-scope  A blocked, insecure or allowed registry is
                                 empty or has a misplaced `*`
error    invalid-release-image   The release image is not a canonical reference
error    policy-refused          Several blocked scopes contain the mirrored
                                 release payload
error    controller-crash        A blocked wildcard contains the release payload
                                 in a way that crashes the controller
error    payload-blocked         A blocked scope contains the release payload
error    order-conflict          Lists of one source contradict each other about
                                 the order of mirrors
warning  shadowed-source         A more specific source shadows the mirrors of a
                                 wider one
warning  tag-pulls-blocked       NeverContactSource blocks the source for pulls
                                 that no mirror serves
warning  outer-source-inherited  A blocked or insecure scope inherits the
                                 mirrors of the outer of two sources
warning  inert-rule              A rule has no mirrors, or only its own source
warning  repeated-rule           The same source is listed twice with the same
                                 mirrors
warning  split-source            Several lists of one source leave the order of
                                 some mirrors undefined
warning  mirror-blocked          A mirror is under a blocked scope
warning  mirror-is-source        A mirror is itself a source of other mirrors
warning  docker-library          A source `docker.io/NAME` never matches the
                                 official image
warning  port-mismatch           An insecure registry has the host of a mirror
                                 but another port
warning  wildcard-hides-host     An insecure wildcard shadows a host of the same
                                 length
warning  near-miss-source        A source looks like a typo of a well-known host
                                 or namespace
warning  source-refused          The Image config refuses all pulls of a
                                 mirrored source
warning  payload-refused         The Image config refuses images of the release
                                 payload
warning  deprecated-kind         ImageContentSourcePolicy is deprecated
warning  image-not-cluster       An Image config is not named `cluster`
warning  invalid-image           An image reference is invalid, or a mirror
                                 rewrites it to an invalid one
warning  image-blocked           An image cannot be pulled: every location is
                                 blocked, or policy.json refuses it
warning  image-not-mirrored      No mirror serves an image
warning  image-mirror-form       An image is referenced by tag but mirrored only
                                 for digests, or the reverse
warning  image-unresolved        The manifest does not say which image is meant
warning  invalid-allowance       A suppression comment is not valid
warning  unused-allowance        A suppression comment is unused
