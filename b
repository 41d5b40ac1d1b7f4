<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mirrorc" tests="245" failures="176" errors="0">
  <testsuite name="fixtures/cases/allowed-and-search/repo/idms.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/allowed-and-search/repo/idms.yaml" name="no findings" file="fixtures/cases/allowed-and-search/repo/idms.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/allowed-and-search/repo/image.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/allowed-and-search/repo/image.yaml" name="no findings" file="fixtures/cases/allowed-and-search/repo/image.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/api-refusals/repo/idms.yaml" tests="13" failures="12" errors="0" skipped="1">
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="wrong-api-version: there is no ImageDigestMirrorSet in `operator.openshift.io/v1`" file="fixtures/cases/api-refusals/repo/idms.yaml" line="1">
      <failure type="error" message="there is no ImageDigestMirrorSet in `operator.openshift.io/v1`">fixtures/cases/api-refusals/repo/idms.yaml:1:13: error[wrong-api-version]: there is no ImageDigestMirrorSet in `operator.openshift.io/v1`
  |
1 | apiVersion: operator.openshift.io/v1
  |             ^^^^^^^^^^^^^^^^^^^^^^^^
  = help: Write `apiVersion: config.openshift.io/v1`.
  = fix: `--fix` can do this: write `config.openshift.io/v1`</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="invalid-metadata: `Wrong_Name` is not a valid object name" file="fixtures/cases/api-refusals/repo/idms.yaml" line="4">
      <failure type="error" message="`Wrong_Name` is not a valid object name">fixtures/cases/api-refusals/repo/idms.yaml:4:9: error[invalid-metadata]: `Wrong_Name` is not a valid object name
  |
4 |   name: Wrong_Name
  |         ^^^^^^^^^^
  = help: Use at most 253 lower-case letters, digits, `-` and `.`, with a letter
          or digit at both ends of every part between dots.</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="namespaced-object: ImageDigestMirrorSet is cluster-scoped: the API server clears its namespace" file="fixtures/cases/api-refusals/repo/idms.yaml" line="5">
      <skipped message="ImageDigestMirrorSet is cluster-scoped: the API server clears its namespace"/>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="invalid-scope: `https://quay.io/team` is not `host[:port][/path]` or `*.host`: it has a scheme (`https://`)" file="fixtures/cases/api-refusals/repo/idms.yaml" line="8">
      <failure type="error" message="`https://quay.io/team` is not `host[:port][/path]` or `*.host`: it has a scheme (`https://`)">fixtures/cases/api-refusals/repo/idms.yaml:8:15: error[invalid-scope]: `https://quay.io/team` is not `host[:port][/path]` or `*.host`: it has a scheme (`https://`)
  |
8 |     - source: https://quay.io/team
  |               ^^^^^^^^^^^^^^^^^^^^
  = help: Remove it; for registries without TLS use `insecureRegistries` of the
          Image config.</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="invalid-scope: `mirror.example.com/team:latest` is not `host[:port][/path]`: it has a tag (`:latest`)" file="fixtures/cases/api-refusals/repo/idms.yaml" line="10">
      <failure type="error" message="`mirror.example.com/team:latest` is not `host[:port][/path]`: it has a tag (`:latest`)">fixtures/cases/api-refusals/repo/idms.yaml:10:11: error[invalid-scope]: `mirror.example.com/team:latest` is not `host[:port][/path]`: it has a tag (`:latest`)
   |
10 |         - mirror.example.com/team:latest
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = help: Remove it: `mirror.example.com/team` already matches every tag.</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="invalid-scope: `mirror.example.com/Team` is not `host[:port][/path]`: its path has upper-case letters" file="fixtures/cases/api-refusals/repo/idms.yaml" line="11">
      <failure type="error" message="`mirror.example.com/Team` is not `host[:port][/path]`: its path has upper-case letters">fixtures/cases/api-refusals/repo/idms.yaml:11:11: error[invalid-scope]: `mirror.example.com/Team` is not `host[:port][/path]`: its path has upper-case letters
   |
11 |         - mirror.example.com/Team
   |           ^^^^^^^^^^^^^^^^^^^^^^^
   = help: Write it in lower case, as the registry does.</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="invalid-scope: `*.example.com` is not `host[:port][/path]`: a mirror cannot be a wildcard" file="fixtures/cases/api-refusals/repo/idms.yaml" line="12">
      <failure type="error" message="`*.example.com` is not `host[:port][/path]`: a mirror cannot be a wildcard">fixtures/cases/api-refusals/repo/idms.yaml:12:11: error[invalid-scope]: `*.example.com` is not `host[:port][/path]`: a mirror cannot be a wildcard
   |
12 |         - '*.example.com'
   |           ^^^^^^^^^^^^^^^
   = help: Write the name of the registry.</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="wrong-type: Kubernetes reads `yes` as a boolean, where a string belongs" file="fixtures/cases/api-refusals/repo/idms.yaml" line="13">
      <failure type="error" message="Kubernetes reads `yes` as a boolean, where a string belongs">fixtures/cases/api-refusals/repo/idms.yaml:13:11: error[wrong-type]: Kubernetes reads `yes` as a boolean, where a string belongs
   |
13 |         - yes
   |           ^^^
   = help: Write "yes", in quotes, if that is what you mean.
   = fix: `--fix` can do this: put it in quotes</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="missing-field: the rule has no `source`" file="fixtures/cases/api-refusals/repo/idms.yaml" line="14">
      <failure type="error" message="the rule has no `source`">fixtures/cases/api-refusals/repo/idms.yaml:14:7: error[missing-field]: the rule has no `source`
   |
14 |     - mirrors: mirror.example.com
   |       ^^^^^^^
   = help: Write the registry, namespace or repository to mirror.</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="wrong-type: expected a list, found a string" file="fixtures/cases/api-refusals/repo/idms.yaml" line="14">
      <failure type="error" message="expected a list, found a string">fixtures/cases/api-refusals/repo/idms.yaml:14:16: error[wrong-type]: expected a list, found a string
   |
14 |     - mirrors: mirror.example.com
   |                ^^^^^^^^^^^^^^^^^^
   = help: Write a list: each item on its own line, starting with `- `.</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="invalid-value: `Never` is not a valid mirrorSourcePolicy" file="fixtures/cases/api-refusals/repo/idms.yaml" line="15">
      <failure type="error" message="`Never` is not a valid mirrorSourcePolicy">fixtures/cases/api-refusals/repo/idms.yaml:15:27: error[invalid-value]: `Never` is not a valid mirrorSourcePolicy
   |
15 |       mirrorSourcePolicy: Never
   |                           ^^^^^
   = help: Write `AllowContactingSource` or `NeverContactSource`, or remove the
           field (the default is `AllowContactingSource`).</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="duplicate-mirror: the mirror `mirror.example.com/twice` is listed twice in one list" file="fixtures/cases/api-refusals/repo/idms.yaml" line="19">
      <failure type="error" message="the mirror `mirror.example.com/twice` is listed twice in one list">fixtures/cases/api-refusals/repo/idms.yaml:19:11: error[duplicate-mirror]: the mirror `mirror.example.com/twice` is listed twice in one list
   |
18 |         - mirror.example.com/twice
   |           ------------------------ first listed here
19 |         - mirror.example.com/twice
   |           ^^^^^^^^^^^^^^^^^^^^^^^^
   = help: Remove one of the two.
   = fix: `--fix` can do this: remove this one</failure>
    </testcase>
    <testcase classname="fixtures/cases/api-refusals/repo/idms.yaml" name="wrong-type: expected an object, found null" file="fixtures/cases/api-refusals/repo/idms.yaml" line="20">
      <failure type="error" message="expected an object, found null">fixtures/cases/api-refusals/repo/idms.yaml:20:6: error[wrong-type]: expected an object, found null
   |
20 |     -
   |      ^
   = help: Write an object.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/api-refusals/repo/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/api-refusals/repo/image.yaml" name="blocked-and-allowed: the Image config allows some registries and blocks others" file="fixtures/cases/api-refusals/repo/image.yaml" line="10">
      <failure type="error" message="the Image config allows some registries and blocks others">fixtures/cases/api-refusals/repo/image.yaml:10:9: error[blocked-and-allowed]: the Image config allows some registries and blocks others
   |
 8 |       - docker.io
   |         --------- others blocked here
...
10 |       - quay.io
   |         ^^^^^^^
   = help: Keep `blockedRegistries` or `allowedRegistries`, not both.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/blocked-and-insecure/repo/idms.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/blocked-and-insecure/repo/idms.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/cases/blocked-and-insecure/repo/idms.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/cases/blocked-and-insecure/repo/idms.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/allowed-and-search/repo/idms.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/blocked-and-insecure/repo/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/blocked-and-insecure/repo/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/cases/blocked-and-insecure/repo/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/cases/blocked-and-insecure/repo/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/cases/allowed-and-search/repo/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/drop-in/repo/idms.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/drop-in/repo/idms.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`" file="fixtures/cases/drop-in/repo/idms.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`">fixtures/cases/drop-in/repo/idms.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/blocked-and-insecure/repo/idms.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/duplicate-object/repo/a.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/duplicate-object/repo/a.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `ghcr.io`, `quay.io/team`" file="fixtures/cases/duplicate-object/repo/a.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `ghcr.io`, `quay.io/team`">fixtures/cases/duplicate-object/repo/a.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `ghcr.io`, `quay.io/team`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/drop-in/repo/idms.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/duplicate-object/repo/b.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/duplicate-object/repo/b.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/a`" file="fixtures/cases/duplicate-object/repo/b.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/a`">fixtures/cases/duplicate-object/repo/b.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/a`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/duplicate-object/repo/a.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/anchors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/every-form/repo/anchors.yaml" name="no findings" file="fixtures/cases/every-form/repo/anchors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/bom.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/every-form/repo/bom.yaml" name="no findings" file="fixtures/cases/every-form/repo/bom.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/crlf.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/every-form/repo/crlf.yaml" name="no findings" file="fixtures/cases/every-form/repo/crlf.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/flow.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/every-form/repo/flow.yaml" name="no findings" file="fixtures/cases/every-form/repo/flow.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/list.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/every-form/repo/list.yaml" name="no findings" file="fixtures/cases/every-form/repo/list.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/many.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/cases/every-form/repo/many.yaml" name="split-source: no list of `quay.io/many` contains both `mirror.example.com/a` and `mirror.example.com/b`, so their order is undefined" file="fixtures/cases/every-form/repo/many.yaml" line="11">
      <skipped message="no list of `quay.io/many` contains both `mirror.example.com/a` and `mirror.example.com/b`, so their order is undefined"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/object.json" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/every-form/repo/object.json" name="no findings" file="fixtures/cases/every-form/repo/object.json"/>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/typed-list.yml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/every-form/repo/typed-list.yml" name="no findings" file="fixtures/cases/every-form/repo/typed-list.yml"/>
  </testsuite>
  <testsuite name="fixtures/cases/every-form/repo/utf16.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/every-form/repo/utf16.yaml" name="no findings" file="fixtures/cases/every-form/repo/utf16.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/merge-across-kinds/repo/base/release.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/merge-across-kinds/repo/base/release.yaml" name="no findings" file="fixtures/cases/merge-across-kinds/repo/base/release.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/merge-across-kinds/repo/base/tags.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/merge-across-kinds/repo/base/tags.yaml" name="no findings" file="fixtures/cases/merge-across-kinds/repo/base/tags.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/merge-across-kinds/repo/legacy/release.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/cases/merge-across-kinds/repo/legacy/release.yaml" name="deprecated-kind: ImageContentSourcePolicy is deprecated" file="fixtures/cases/merge-across-kinds/repo/legacy/release.yaml" line="2">
      <skipped message="ImageContentSourcePolicy is deprecated"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/merge-across-kinds/repo/site/release.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/cases/merge-across-kinds/repo/site/release.yaml" name="split-source: the lists of `quay.io/openshift-release-dev/ocp-release` leave the order of `edge.example.com/ocp/release`, `mirror-dc2.example.com:5000/ocp/release`, `mirror.dc1.example.com/ocp/release-images` and 5 more undefined" file="fixtures/cases/merge-across-kinds/repo/site/release.yaml" line="9">
      <skipped message="the lists of `quay.io/openshift-release-dev/ocp-release` leave the order of `edge.example.com/ocp/release`, `mirror-dc2.example.com:5000/ocp/release`, `mirror.dc1.example.com/ocp/release-images` and 5 more undefined"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/order-conflict-lowered/repo/base/quay.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/order-conflict-lowered/repo/base/quay.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/b`" file="fixtures/cases/order-conflict-lowered/repo/base/quay.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/b`">fixtures/cases/order-conflict-lowered/repo/base/quay.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/b`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/duplicate-object/repo/b.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/order-conflict-lowered/repo/site/more.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/order-conflict-lowered/repo/site/more.yaml" name="no findings" file="fixtures/cases/order-conflict-lowered/repo/site/more.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/order-conflict-lowered/repo/site/quay.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/order-conflict-lowered/repo/site/quay.yaml" name="no findings" file="fixtures/cases/order-conflict-lowered/repo/site/quay.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/order-conflict/repo/base/quay.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/order-conflict/repo/base/quay.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/cases/order-conflict/repo/base/quay.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/cases/order-conflict/repo/base/quay.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/order-conflict-lowered/repo/base/quay.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/order-conflict/repo/site/more.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="fixtures/cases/order-conflict/repo/site/more.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `site-more`" file="fixtures/cases/order-conflict/repo/site/more.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `site-more`">fixtures/cases/order-conflict/repo/site/more.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `site-more`
  |
4 |   name: site-more
  |         ^^^^^^^^^
  &#58;:: fixtures/cases/order-conflict-lowered/repo/site/more.yaml:4:9
4 |   name: site-more
  |         --------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/cases/order-conflict/repo/site/more.yaml" name="shadowed-source: pulls by digest of `quay.io/acme`, `quay.io/anchors-a`, `quay.io/anchors-b` and 12 more do not use all mirrors of `quay.io`" file="fixtures/cases/order-conflict/repo/site/more.yaml" line="7">
      <skipped message="pulls by digest of `quay.io/acme`, `quay.io/anchors-a`, `quay.io/anchors-b` and 12 more do not use all mirrors of `quay.io`"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/order-conflict/repo/site/quay.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="fixtures/cases/order-conflict/repo/site/quay.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `site-quay`" file="fixtures/cases/order-conflict/repo/site/quay.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `site-quay`">fixtures/cases/order-conflict/repo/site/quay.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `site-quay`
  |
4 |   name: site-quay
  |         ^^^^^^^^^
  &#58;:: fixtures/cases/order-conflict-lowered/repo/site/quay.yaml:4:9
4 |   name: site-quay
  |         --------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/cases/order-conflict/repo/site/quay.yaml" name="split-source: the lists of `quay.io` leave the order of `c.example.com/quay`, `d.example.com/quay`, `a.example.com/quay` and `b.example.com/quay` undefined" file="fixtures/cases/order-conflict/repo/site/quay.yaml" line="9">
      <skipped message="the lists of `quay.io` leave the order of `c.example.com/quay`, `d.example.com/quay`, `a.example.com/quay` and `b.example.com/quay` undefined"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/payload-guard/repo/idms.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/payload-guard/repo/idms.yaml" name="no findings" file="fixtures/cases/payload-guard/repo/idms.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/payload-guard/repo/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/payload-guard/repo/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/cases/payload-guard/repo/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/cases/payload-guard/repo/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/cases/blocked-and-insecure/repo/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/release-4.13/repo/idms.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/release-4.13/repo/idms.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`" file="fixtures/cases/release-4.13/repo/idms.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`">fixtures/cases/release-4.13/repo/idms.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/order-conflict/repo/base/quay.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/release-4.13/repo/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/release-4.13/repo/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/cases/release-4.13/repo/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/cases/release-4.13/repo/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/cases/payload-guard/repo/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/source-in-its-list/repo/idms.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/source-in-its-list/repo/idms.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/cases/source-in-its-list/repo/idms.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/cases/source-in-its-list/repo/idms.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/release-4.13/repo/idms.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/templates/repo/chart/templates/idms.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/cases/templates/repo/chart/templates/idms.yaml" name="template-manifest: this ImageDigestMirrorSet is a template and is skipped" file="fixtures/cases/templates/repo/chart/templates/idms.yaml" line="1">
      <skipped message="this ImageDigestMirrorSet is a template and is skipped"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/templates/repo/env.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/cases/templates/repo/env.yaml" name="template-manifest: this ImageDigestMirrorSet is a template and is skipped" file="fixtures/cases/templates/repo/env.yaml" line="9">
      <skipped message="this ImageDigestMirrorSet is a template and is skipped"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/templates/repo/jinja.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/cases/templates/repo/jinja.yaml" name="template-manifest: this ImageDigestMirrorSet is a template and is skipped" file="fixtures/cases/templates/repo/jinja.yaml" line="6">
      <skipped message="this ImageDigestMirrorSet is a template and is skipped"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/templates/repo/plain.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/templates/repo/plain.yaml" name="no findings" file="fixtures/cases/templates/repo/plain.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/typos/repo/idms.yaml" tests="4" failures="4" errors="0" skipped="0">
    <testcase classname="fixtures/cases/typos/repo/idms.yaml" name="unknown-field: there is no field `label` here: the API server drops it" file="fixtures/cases/typos/repo/idms.yaml" line="5">
      <failure type="error" message="there is no field `label` here: the API server drops it">fixtures/cases/typos/repo/idms.yaml:5:3: error[unknown-field]: there is no field `label` here: the API server drops it
  |
5 |   label: {}
  |   ^^^^^
  = help: Did you mean `labels`?
  = fix: `--fix` can do this: rename it `labels`</failure>
    </testcase>
    <testcase classname="fixtures/cases/typos/repo/idms.yaml" name="unknown-field: there is no field `mirror` here: the API server drops it" file="fixtures/cases/typos/repo/idms.yaml" line="9">
      <failure type="error" message="there is no field `mirror` here: the API server drops it">fixtures/cases/typos/repo/idms.yaml:9:7: error[unknown-field]: there is no field `mirror` here: the API server drops it
  |
9 |       mirror:
  |       ^^^^^^
  = help: Did you mean `mirrors`?
  = fix: `--fix` can do this: rename it `mirrors`</failure>
    </testcase>
    <testcase classname="fixtures/cases/typos/repo/idms.yaml" name="unknown-field: there is no field `mirrorSourcePolicies` here: the API server drops it" file="fixtures/cases/typos/repo/idms.yaml" line="14">
      <failure type="error" message="there is no field `mirrorSourcePolicies` here: the API server drops it">fixtures/cases/typos/repo/idms.yaml:14:7: error[unknown-field]: there is no field `mirrorSourcePolicies` here: the API server drops it
   |
14 |       mirrorSourcePolicies: NeverContactSource
   |       ^^^^^^^^^^^^^^^^^^^^
   = help: Did you mean `mirrorSourcePolicy`?
   = fix: `--fix` can do this: rename it `mirrorSourcePolicy`</failure>
    </testcase>
    <testcase classname="fixtures/cases/typos/repo/idms.yaml" name="duplicate-key: the key `source` appears twice in one mapping" file="fixtures/cases/typos/repo/idms.yaml" line="15">
      <failure type="error" message="the key `source` appears twice in one mapping">fixtures/cases/typos/repo/idms.yaml:15:7: error[duplicate-key]: the key `source` appears twice in one mapping
   |
11 |     - source: quay.io/other
   |       ------ first written here; this value is lost
...
15 |       source: quay.io/another
   |       ^^^^^^
   = help: Keep one of the two; Kubernetes uses this one.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/wildcard-over-blocked/repo/idms.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/cases/wildcard-over-blocked/repo/idms.yaml" name="no findings" file="fixtures/cases/wildcard-over-blocked/repo/idms.yaml"/>
  </testsuite>
  <testsuite name="fixtures/cases/wildcard-over-blocked/repo/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/wildcard-over-blocked/repo/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/cases/wildcard-over-blocked/repo/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/cases/wildcard-over-blocked/repo/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/cases/release-4.13/repo/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/wildcard/repo/idms.yaml" tests="4" failures="1" errors="0" skipped="3">
    <testcase classname="fixtures/cases/wildcard/repo/idms.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `subdomains`" file="fixtures/cases/wildcard/repo/idms.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `subdomains`">fixtures/cases/wildcard/repo/idms.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `subdomains`
  |
4 |   name: subdomains
  |         ^^^^^^^^^^
  &#58;:: fixtures/cases/wildcard-over-blocked/repo/idms.yaml:4:9
4 |   name: subdomains
  |         ---------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/cases/wildcard/repo/idms.yaml" name="shadowed-source: pulls by digest of `registry.apps.example.com/team` do not use all mirrors of `*.apps.example.com`" file="fixtures/cases/wildcard/repo/idms.yaml" line="7">
      <skipped message="pulls by digest of `registry.apps.example.com/team` do not use all mirrors of `*.apps.example.com`"/>
    </testcase>
    <testcase classname="fixtures/cases/wildcard/repo/idms.yaml" name="shadowed-source: nodes can contact `registry.apps.example.com/team`, although `*.apps.example.com` has NeverContactSource" file="fixtures/cases/wildcard/repo/idms.yaml" line="10">
      <skipped message="nodes can contact `registry.apps.example.com/team`, although `*.apps.example.com` has NeverContactSource"/>
    </testcase>
    <testcase classname="fixtures/cases/wildcard/repo/idms.yaml" name="shadowed-source: pulls of `registry.apps.example.com/team` by tag use no mirror: this rule shadows the mirrors of `*.apps.example.com`" file="fixtures/cases/wildcard/repo/idms.yaml" line="10">
      <skipped message="pulls of `registry.apps.example.com/team` by tag use no mirror: this rule shadows the mirrors of `*.apps.example.com`"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/cases/wildcard/repo/itms.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/cases/wildcard/repo/itms.yaml" name="policy-conflict: `*.apps.example.com` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere" file="fixtures/cases/wildcard/repo/itms.yaml" line="8">
      <failure type="error" message="`*.apps.example.com` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere">fixtures/cases/wildcard/repo/itms.yaml:8:27: error[policy-conflict]: `*.apps.example.com` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere
  |
8 |       mirrorSourcePolicy: NeverContactSource
  |                           ^^^^^^^^^^^^^^^^^^
  &#58;:: fixtures/cases/wildcard/repo/idms.yaml:7:15
7 |     - source: '*.apps.example.com'
  |               -------------------- AllowContactingSource by default here
  = help: Set the same mirrorSourcePolicy in every rule of this source, in every
          kind of object.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/base/mirrors/docker-library.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/base/mirrors/docker-library.yaml" name="no findings" file="fixtures/gitops-repo/base/mirrors/docker-library.yaml"/>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/base/mirrors/partners.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/base/mirrors/partners.yaml" name="no findings" file="fixtures/gitops-repo/base/mirrors/partners.yaml"/>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/base/mirrors/quay.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/base/mirrors/quay.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/alone`, `quay.io/none`, `quay.io/team`" file="fixtures/gitops-repo/base/mirrors/quay.yaml" line="6">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/alone`, `quay.io/none`, `quay.io/team`">fixtures/gitops-repo/base/mirrors/quay.yaml:6:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/alone`, `quay.io/none`, `quay.io/team`
  |
6 |   name: quay
  |         ^^^^
  &#58;:: fixtures/cases/source-in-its-list/repo/idms.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/base/mirrors/redhat-operators.yaml" tests="2" failures="0" errors="0" skipped="2">
    <testcase classname="fixtures/gitops-repo/base/mirrors/redhat-operators.yaml" name="split-source: the lists of `registry.redhat.io/openshift4` leave the order of `mirror.dc1.example.com/redhat/openshift4`, `mirror.example.com/redhat/openshift4`, `registry.lab.example.com:8443/openshift4` and 3 more undefined" file="fixtures/gitops-repo/base/mirrors/redhat-operators.yaml" line="18">
      <skipped message="the lists of `registry.redhat.io/openshift4` leave the order of `mirror.dc1.example.com/redhat/openshift4`, `mirror.example.com/redhat/openshift4`, `registry.lab.example.com:8443/openshift4` and 3 more undefined"/>
    </testcase>
    <testcase classname="fixtures/gitops-repo/base/mirrors/redhat-operators.yaml" name="split-source: the lists of `registry.redhat.io/openshift-logging` leave the order of `mirror.dc1.example.com/redhat/openshift-logging`, `mirror.example.com/redhat/openshift-logging` and `mirror.dc2.example.com/redhat/openshift-logging` undefined" file="fixtures/gitops-repo/base/mirrors/redhat-operators.yaml" line="26">
      <skipped message="the lists of `registry.redhat.io/openshift-logging` leave the order of `mirror.dc1.example.com/redhat/openshift-logging`, `mirror.example.com/redhat/openshift-logging` and `mirror.dc2.example.com/redhat/openshift-logging` undefined"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/base/mirrors/release.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="fixtures/gitops-repo/base/mirrors/release.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `release`" file="fixtures/gitops-repo/base/mirrors/release.yaml" line="6">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `release`">fixtures/gitops-repo/base/mirrors/release.yaml:6:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `release`
  |
6 |   name: release
  |         ^^^^^^^
  &#58;:: fixtures/cases/merge-across-kinds/repo/base/release.yaml:4:9
4 |   name: release
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/gitops-repo/base/mirrors/release.yaml" name="split-source: the lists of `quay.io/openshift-release-dev/ocp-v4.0-art-dev` leave the order of `mirror.dc1.example.com/ocp/release`, `registry.lab.example.com:8443/openshift/release` and `mirror.dc2.example.com/ocp/release` undefined" file="fixtures/gitops-repo/base/mirrors/release.yaml" line="20">
      <skipped message="the lists of `quay.io/openshift-release-dev/ocp-v4.0-art-dev` leave the order of `mirror.dc1.example.com/ocp/release`, `registry.lab.example.com:8443/openshift/release` and `mirror.dc2.example.com/ocp/release` undefined"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/base/mirrors/tags.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/base/mirrors/tags.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `tags`: this one is applied last and removes `docker.io/library/nginx`, `quay.io/openshift-release-dev/ocp-release`" file="fixtures/gitops-repo/base/mirrors/tags.yaml" line="6">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `tags`: this one is applied last and removes `docker.io/library/nginx`, `quay.io/openshift-release-dev/ocp-release`">fixtures/gitops-repo/base/mirrors/tags.yaml:6:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `tags`: this one is applied last and removes `docker.io/library/nginx`, `quay.io/openshift-release-dev/ocp-release`
  |
6 |   name: tags
  |         ^^^^
  &#58;:: fixtures/cases/merge-across-kinds/repo/base/tags.yaml:4:9
4 |   name: tags
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/clusters/north/digest-mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/clusters/north/digest-mirrors.yaml" name="no findings" file="fixtures/gitops-repo/clusters/north/digest-mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/clusters/north/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/clusters/north/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/gitops-repo/clusters/north/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/gitops-repo/clusters/north/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/cases/wildcard-over-blocked/repo/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/clusters/north/tag-mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/clusters/north/tag-mirrors.yaml" name="no findings" file="fixtures/gitops-repo/clusters/north/tag-mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/clusters/south/digest-mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/clusters/south/digest-mirrors.yaml" name="no findings" file="fixtures/gitops-repo/clusters/south/digest-mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/clusters/south/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/clusters/south/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/gitops-repo/clusters/south/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/gitops-repo/clusters/south/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/gitops-repo/clusters/north/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/gitops-repo/clusters/south/tag-mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/gitops-repo/clusters/south/tag-mirrors.yaml" name="no findings" file="fixtures/gitops-repo/clusters/south/tag-mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/blocked-and-allowed/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/blocked-and-allowed/bad/image.yaml" name="blocked-and-allowed: the Image config allows some registries and blocks others" file="fixtures/rules/blocked-and-allowed/bad/image.yaml" line="8">
      <failure type="error" message="the Image config allows some registries and blocks others">fixtures/rules/blocked-and-allowed/bad/image.yaml:8:9: error[blocked-and-allowed]: the Image config allows some registries and blocks others
   |
 8 |       - quay.io
   |         ^^^^^^^
...
11 |       - docker.io
   |         --------- others blocked here
   = help: Keep `blockedRegistries` or `allowedRegistries`, not both.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/blocked-and-allowed/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/blocked-and-allowed/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/blocked-and-allowed/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/blocked-and-allowed/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/gitops-repo/clusters/south/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/controller-crash/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/controller-crash/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/controller-crash/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/controller-crash/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/blocked-and-allowed/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/controller-crash/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/controller-crash/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/controller-crash/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/controller-crash/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/controller-crash/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/deprecated-kind/bad/mirrors.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="fixtures/rules/deprecated-kind/bad/mirrors.yaml" name="deprecated-kind: ImageContentSourcePolicy is deprecated" file="fixtures/rules/deprecated-kind/bad/mirrors.yaml" line="2">
      <skipped message="ImageContentSourcePolicy is deprecated"/>
    </testcase>
    <testcase classname="fixtures/rules/deprecated-kind/bad/mirrors.yaml" name="duplicate-object: there are two ImageContentSourcePolicy objects named `partners`" file="fixtures/rules/deprecated-kind/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageContentSourcePolicy objects named `partners`">fixtures/rules/deprecated-kind/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageContentSourcePolicy objects named `partners`
  |
4 |   name: partners
  |         ^^^^^^^^
  &#58;:: fixtures/gitops-repo/base/mirrors/partners.yaml:6:9
6 |   name: partners
  |         -------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/deprecated-kind/good/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/deprecated-kind/good/mirrors.yaml" name="no findings" file="fixtures/rules/deprecated-kind/good/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/docker-library/bad/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/docker-library/bad/mirrors.yaml" name="no findings" file="fixtures/rules/docker-library/bad/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/docker-library/good/mirrors.yaml" tests="3" failures="1" errors="0" skipped="2">
    <testcase classname="fixtures/rules/docker-library/good/mirrors.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `nginx`: this one is applied last and removes `docker.io/nginx`" file="fixtures/rules/docker-library/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `nginx`: this one is applied last and removes `docker.io/nginx`">fixtures/rules/docker-library/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `nginx`: this one is applied last and removes `docker.io/nginx`
  |
4 |   name: nginx
  |         ^^^^^
  &#58;:: fixtures/rules/docker-library/bad/mirrors.yaml:4:9
4 |   name: nginx
  |         ----- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/docker-library/good/mirrors.yaml" name="shadowed-source: nodes can contact `docker.io/library/nginx`, although `docker.io/library` has NeverContactSource" file="fixtures/rules/docker-library/good/mirrors.yaml" line="7">
      <skipped message="nodes can contact `docker.io/library/nginx`, although `docker.io/library` has NeverContactSource"/>
    </testcase>
    <testcase classname="fixtures/rules/docker-library/good/mirrors.yaml" name="shadowed-source: pulls of `docker.io/library/nginx` by digest use no mirror: this rule shadows the mirrors of `docker.io/library`" file="fixtures/rules/docker-library/good/mirrors.yaml" line="7">
      <skipped message="pulls of `docker.io/library/nginx` by digest use no mirror: this rule shadows the mirrors of `docker.io/library`"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/duplicate-key/bad/mirrors.yaml" tests="2" failures="2" errors="0" skipped="0">
    <testcase classname="fixtures/rules/duplicate-key/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`, `quay.io/prometheus`" file="fixtures/rules/duplicate-key/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`, `quay.io/prometheus`">fixtures/rules/duplicate-key/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`, `quay.io/prometheus`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/gitops-repo/base/mirrors/quay.yaml:6:9
6 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/duplicate-key/bad/mirrors.yaml" name="duplicate-key: the key `imageDigestMirrors` appears twice in one mapping" file="fixtures/rules/duplicate-key/bad/mirrors.yaml" line="10">
      <failure type="error" message="the key `imageDigestMirrors` appears twice in one mapping">fixtures/rules/duplicate-key/bad/mirrors.yaml:10:3: error[duplicate-key]: the key `imageDigestMirrors` appears twice in one mapping
   |
 6 |   imageDigestMirrors:
   |   ------------------ first written here; this value is lost
...
10 |   imageDigestMirrors:
   |   ^^^^^^^^^^^^^^^^^^
   = help: Keep one of the two; Kubernetes uses this one.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/duplicate-key/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/duplicate-key/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/duplicate-key/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/duplicate-key/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/duplicate-key/bad/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/duplicate-mirror/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/duplicate-mirror/bad/mirrors.yaml" name="duplicate-mirror: the mirror `mirror.dc1.example.com/quay/argoproj` is listed twice in one list" file="fixtures/rules/duplicate-mirror/bad/mirrors.yaml" line="11">
      <failure type="error" message="the mirror `mirror.dc1.example.com/quay/argoproj` is listed twice in one list">fixtures/rules/duplicate-mirror/bad/mirrors.yaml:11:11: error[duplicate-mirror]: the mirror `mirror.dc1.example.com/quay/argoproj` is listed twice in one list
   |
 9 |         - mirror.dc1.example.com/quay/argoproj
   |           ------------------------------------ first listed here
...
11 |         - mirror.dc1.example.com/quay/argoproj
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = help: Remove one of the two.
   = fix: `--fix` can do this: remove this one</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/duplicate-mirror/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/duplicate-mirror/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/jetstack`" file="fixtures/rules/duplicate-mirror/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/jetstack`">fixtures/rules/duplicate-mirror/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/jetstack`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/duplicate-key/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/duplicate-object/bad/base/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/duplicate-object/bad/base/mirrors.yaml" name="no findings" file="fixtures/rules/duplicate-object/bad/base/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/duplicate-object/bad/logging/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/duplicate-object/bad/logging/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `operators`: this one is applied last and removes `registry.redhat.io/openshift4`" file="fixtures/rules/duplicate-object/bad/logging/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `operators`: this one is applied last and removes `registry.redhat.io/openshift4`">fixtures/rules/duplicate-object/bad/logging/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `operators`: this one is applied last and removes `registry.redhat.io/openshift4`
  |
4 |   name: operators
  |         ^^^^^^^^^
  &#58;:: fixtures/rules/duplicate-object/bad/base/mirrors.yaml:4:9
4 |   name: operators
  |         --------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/duplicate-object/good/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/duplicate-object/good/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `operators`: this one is applied last and removes `registry.redhat.io/openshift-logging`" file="fixtures/rules/duplicate-object/good/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `operators`: this one is applied last and removes `registry.redhat.io/openshift-logging`">fixtures/rules/duplicate-object/good/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `operators`: this one is applied last and removes `registry.redhat.io/openshift-logging`
  |
4 |   name: operators
  |         ^^^^^^^^^
  &#58;:: fixtures/rules/duplicate-object/bad/logging/mirrors.yaml:4:9
4 |   name: operators
  |         --------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/duplicate-object/good/logging/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/duplicate-object/good/logging/mirrors.yaml" name="no findings" file="fixtures/rules/duplicate-object/good/logging/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/image-blocked/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-blocked/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/image-blocked/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/image-blocked/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/controller-crash/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-blocked/bad/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-blocked/bad/mirrors.yaml" name="no findings" file="fixtures/rules/image-blocked/bad/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/image-blocked/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-blocked/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/image-blocked/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/image-blocked/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/image-blocked/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-blocked/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-blocked/good/mirrors.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `acme`" file="fixtures/rules/image-blocked/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `acme`">fixtures/rules/image-blocked/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `acme`
  |
4 |   name: acme
  |         ^^^^
  &#58;:: fixtures/rules/image-blocked/bad/mirrors.yaml:4:9
4 |   name: acme
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-mirror-form/bad/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-mirror-form/bad/mirrors.yaml" name="no findings" file="fixtures/rules/image-mirror-form/bad/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/image-mirror-form/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-mirror-form/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `acme`" file="fixtures/rules/image-mirror-form/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `acme`">fixtures/rules/image-mirror-form/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `acme`
  |
4 |   name: acme
  |         ^^^^
  &#58;:: fixtures/rules/image-mirror-form/bad/mirrors.yaml:4:9
4 |   name: acme
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-not-cluster/bad/image.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/rules/image-not-cluster/bad/image.yaml" name="image-not-cluster: the controller does not read the Image config `registries`" file="fixtures/rules/image-not-cluster/bad/image.yaml" line="4">
      <skipped message="the controller does not read the Image config `registries`"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-not-cluster/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-not-cluster/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/image-not-cluster/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/image-not-cluster/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/image-blocked/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-not-mirrored/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-not-mirrored/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `acme`" file="fixtures/rules/image-not-mirrored/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `acme`">fixtures/rules/image-not-mirrored/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `acme`
  |
4 |   name: acme
  |         ^^^^
  &#58;:: fixtures/rules/image-mirror-form/good/mirrors.yaml:4:9
4 |   name: acme
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-not-mirrored/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-not-mirrored/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `acme`" file="fixtures/rules/image-not-mirrored/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `acme`">fixtures/rules/image-not-mirrored/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `acme`
  |
4 |   name: acme
  |         ^^^^
  &#58;:: fixtures/rules/image-not-mirrored/bad/mirrors.yaml:4:9
4 |   name: acme
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-unresolved/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-unresolved/bad/mirrors.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `acme`" file="fixtures/rules/image-unresolved/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `acme`">fixtures/rules/image-unresolved/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `acme`
  |
4 |   name: acme
  |         ^^^^
  &#58;:: fixtures/rules/image-blocked/good/mirrors.yaml:4:9
4 |   name: acme
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/image-unresolved/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/image-unresolved/good/mirrors.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `acme`" file="fixtures/rules/image-unresolved/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `acme`">fixtures/rules/image-unresolved/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `acme`
  |
4 |   name: acme
  |         ^^^^
  &#58;:: fixtures/rules/image-unresolved/bad/mirrors.yaml:4:9
4 |   name: acme
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/inert-rule/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/inert-rule/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/inert-rule/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/inert-rule/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/duplicate-mirror/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/inert-rule/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/inert-rule/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/inert-rule/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/inert-rule/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/image-not-cluster/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/inert-rule/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/inert-rule/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/untrusted`" file="fixtures/rules/inert-rule/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/untrusted`">fixtures/rules/inert-rule/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/untrusted`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/inert-rule/bad/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-allowance/bad/mirrors.yaml" tests="2" failures="0" errors="0" skipped="2">
    <testcase classname="fixtures/rules/invalid-allowance/bad/mirrors.yaml" name="invalid-allowance: there is no rule `deprecated-kinds`" file="fixtures/rules/invalid-allowance/bad/mirrors.yaml" line="4">
      <skipped message="there is no rule `deprecated-kinds`"/>
    </testcase>
    <testcase classname="fixtures/rules/invalid-allowance/bad/mirrors.yaml" name="invalid-allowance: the suppression gives no reason" file="fixtures/rules/invalid-allowance/bad/mirrors.yaml" line="9">
      <skipped message="the suppression gives no reason"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-allowance/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-allowance/good/mirrors.yaml" name="duplicate-object: there are two ImageContentSourcePolicy objects named `quay`" file="fixtures/rules/invalid-allowance/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageContentSourcePolicy objects named `quay`">fixtures/rules/invalid-allowance/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageContentSourcePolicy objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/invalid-allowance/bad/mirrors.yaml:4:9
4 |   name: quay # mirrorc: allow deprecated-kinds -- north is on 4.12 until May
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-config/bad/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-config/bad/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/invalid-config/bad/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/invalid-config/bad/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/inert-rule/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-config/good/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-config/good/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/invalid-config/good/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/invalid-config/good/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/invalid-config/bad/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-image/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-image/bad/mirrors.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `acme`" file="fixtures/rules/invalid-image/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `acme`">fixtures/rules/invalid-image/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `acme`
  |
4 |   name: acme
  |         ^^^^
  &#58;:: fixtures/rules/image-unresolved/good/mirrors.yaml:4:9
4 |   name: acme
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-image/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-image/good/mirrors.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `acme`" file="fixtures/rules/invalid-image/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `acme`">fixtures/rules/invalid-image/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `acme`
  |
4 |   name: acme
  |         ^^^^
  &#58;:: fixtures/rules/invalid-image/bad/mirrors.yaml:4:9
4 |   name: acme
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-key-data/bad/policy.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-key-data/bad/policy.yaml" name="invalid-key-data: `keyData` does not start with `-----BEGIN PUBLIC KEY-----` when decoded" file="fixtures/rules/invalid-key-data/bad/policy.yaml" line="12">
      <failure type="error" message="`keyData` does not start with `-----BEGIN PUBLIC KEY-----` when decoded">fixtures/rules/invalid-key-data/bad/policy.yaml:12:18: error[invalid-key-data]: `keyData` does not start with `-----BEGIN PUBLIC KEY-----` when decoded
   |
12 | …LS0tLS1CRUdJTiBSU0EgUFVCTElDIEtFWS0tLS0tCk1Ga3dFd1lIS29aSXpqMENBUVlJS29aS…
   |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = help: Encode a PEM file that holds nothing but its public key: `base64 -w0
           FILE`.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-key-data/good/policy.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-key-data/good/policy.yaml" name="no findings" file="fixtures/rules/invalid-key-data/good/policy.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-length/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-length/bad/image.yaml" name="invalid-length: the search list is empty" file="fixtures/rules/invalid-length/bad/image.yaml" line="7">
      <failure type="error" message="the search list is empty">fixtures/rules/invalid-length/bad/image.yaml:7:39: error[invalid-length]: the search list is empty
  |
7 |     containerRuntimeSearchRegistries: []
  |                                       ^^
  = help: Add at least one registry, or remove the field.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-length/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-length/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/invalid-length/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/invalid-length/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/inert-rule/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-metadata/bad/mirrors.yaml" tests="2" failures="2" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-metadata/bad/mirrors.yaml" name="invalid-metadata: `Quay_Mirrors` is not a valid object name" file="fixtures/rules/invalid-metadata/bad/mirrors.yaml" line="4">
      <failure type="error" message="`Quay_Mirrors` is not a valid object name">fixtures/rules/invalid-metadata/bad/mirrors.yaml:4:9: error[invalid-metadata]: `Quay_Mirrors` is not a valid object name
  |
4 |   name: Quay_Mirrors
  |         ^^^^^^^^^^^^
  = help: Use at most 253 lower-case letters, digits, `-` and `.`, with a letter
          or digit at both ends of every part between dots.</failure>
    </testcase>
    <testcase classname="fixtures/rules/invalid-metadata/bad/mirrors.yaml" name="invalid-metadata: `mirrors, quay` is not a valid label value" file="fixtures/rules/invalid-metadata/bad/mirrors.yaml" line="6">
      <failure type="error" message="`mirrors, quay` is not a valid label value">fixtures/rules/invalid-metadata/bad/mirrors.yaml:6:32: error[invalid-metadata]: `mirrors, quay` is not a valid label value
  |
6 |     app.kubernetes.io/part-of: "mirrors, quay"
  |                                ^^^^^^^^^^^^^^^
  = help: Use at most 63 letters, digits, `-`, `_` and `.`, with a letter or
          digit at both ends, or an empty value.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-metadata/good/mirrors.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/rules/invalid-metadata/good/mirrors.yaml" name="repeated-rule: `quay-mirrors` repeats the rule for `quay.io/argoproj` of `quay`" file="fixtures/rules/invalid-metadata/good/mirrors.yaml" line="9">
      <skipped message="`quay-mirrors` repeats the rule for `quay.io/argoproj` of `quay`"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-registry-scope/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-registry-scope/bad/image.yaml" name="invalid-scope: `*.lab.example.com:5000` is not `host[:port][/path]` or `*.host`: a wildcard cannot have a port or a path" file="fixtures/rules/invalid-registry-scope/bad/image.yaml" line="8">
      <failure type="error" message="`*.lab.example.com:5000` is not `host[:port][/path]` or `*.host`: a wildcard cannot have a port or a path">fixtures/rules/invalid-registry-scope/bad/image.yaml:8:9: error[invalid-scope]: `*.lab.example.com:5000` is not `host[:port][/path]` or `*.host`: a wildcard cannot have a port or a path
  |
8 |       - "*.lab.example.com:5000"
  |         ^^^^^^^^^^^^^^^^^^^^^^^^
  = help: Write `*.lab.example.com`, or list the hosts one by one.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-registry-scope/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-registry-scope/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/invalid-registry-scope/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/invalid-registry-scope/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/invalid-length/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-release-image/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-release-image/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/invalid-release-image/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/invalid-release-image/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/invalid-registry-scope/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-release-image/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-release-image/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/invalid-release-image/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/invalid-release-image/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/invalid-release-image/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-scope/bad/mirrors.yaml" tests="2" failures="2" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-scope/bad/mirrors.yaml" name="invalid-scope: `quay.io/argoproj/argocd:v3.1` is not `host[:port][/path]` or `*.host`: it has a tag (`:v3.1`)" file="fixtures/rules/invalid-scope/bad/mirrors.yaml" line="7">
      <failure type="error" message="`quay.io/argoproj/argocd:v3.1` is not `host[:port][/path]` or `*.host`: it has a tag (`:v3.1`)">fixtures/rules/invalid-scope/bad/mirrors.yaml:7:15: error[invalid-scope]: `quay.io/argoproj/argocd:v3.1` is not `host[:port][/path]` or `*.host`: it has a tag (`:v3.1`)
  |
7 |     - source: quay.io/argoproj/argocd:v3.1
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: Remove it: `quay.io/argoproj/argocd` already matches every tag.</failure>
    </testcase>
    <testcase classname="fixtures/rules/invalid-scope/bad/mirrors.yaml" name="invalid-scope: `https://mirror.example.com/quay/argoproj/argocd` is not `host[:port][/path]`: it has a scheme (`https://`)" file="fixtures/rules/invalid-scope/bad/mirrors.yaml" line="9">
      <failure type="error" message="`https://mirror.example.com/quay/argoproj/argocd` is not `host[:port][/path]`: it has a scheme (`https://`)">fixtures/rules/invalid-scope/bad/mirrors.yaml:9:11: error[invalid-scope]: `https://mirror.example.com/quay/argoproj/argocd` is not `host[:port][/path]`: it has a scheme (`https://`)
  |
9 |         - https://mirror.example.com/quay/argoproj/argocd
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: Remove it; for registries without TLS use `insecureRegistries` of the
          Image config.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-scope/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-scope/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`" file="fixtures/rules/invalid-scope/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`">fixtures/rules/invalid-scope/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/invalid-config/good/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-signer/bad/policy.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-signer/bad/policy.yaml" name="invalid-signer: `issuer.example.com` is not a valid oidcIssuer" file="fixtures/rules/invalid-signer/bad/policy.yaml" line="15">
      <failure type="error" message="`issuer.example.com` is not a valid oidcIssuer">fixtures/rules/invalid-signer/bad/policy.yaml:15:23: error[invalid-signer]: `issuer.example.com` is not a valid oidcIssuer
   |
15 |           oidcIssuer: issuer.example.com
   |                       ^^^^^^^^^^^^^^^^^^
   = help: Expected a URL, such as `https://issuer.example.com`.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-signer/good/policy.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-signer/good/policy.yaml" name="duplicate-object: there are two ClusterImagePolicy objects named `team`" file="fixtures/rules/invalid-signer/good/policy.yaml" line="4">
      <failure type="error" message="there are two ClusterImagePolicy objects named `team`">fixtures/rules/invalid-signer/good/policy.yaml:4:9: error[duplicate-object]: there are two ClusterImagePolicy objects named `team`
  |
4 |   name: team
  |         ^^^^
  &#58;:: fixtures/rules/invalid-key-data/good/policy.yaml:4:9
4 |   name: team
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-value/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-value/bad/mirrors.yaml" name="invalid-value: `Never` is not a valid mirrorSourcePolicy" file="fixtures/rules/invalid-value/bad/mirrors.yaml" line="8">
      <failure type="error" message="`Never` is not a valid mirrorSourcePolicy">fixtures/rules/invalid-value/bad/mirrors.yaml:8:27: error[invalid-value]: `Never` is not a valid mirrorSourcePolicy
  |
8 |       mirrorSourcePolicy: Never
  |                           ^^^^^
  = help: Write `AllowContactingSource` or `NeverContactSource`, or remove the
          field (the default is `AllowContactingSource`).</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-value/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-value/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj/argocd`" file="fixtures/rules/invalid-value/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj/argocd`">fixtures/rules/invalid-value/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj/argocd`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/invalid-scope/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-yaml/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-yaml/bad/mirrors.yaml" name="invalid-yaml: while parsing a flow sequence: did not find expected &#39;,&#39; or &#39;]&#39;" file="fixtures/rules/invalid-yaml/bad/mirrors.yaml" line="8">
      <failure type="error" message="while parsing a flow sequence: did not find expected &#39;,&#39; or &#39;]&#39;">fixtures/rules/invalid-yaml/bad/mirrors.yaml:8:49: error[invalid-yaml]: while parsing a flow sequence: did not find expected ',' or ']'
  |
8 |       mirrors: [mirror.example.com/quay/argoproj
  |                - starts here
  |                                                 ^
  = help: Close the bracket, or put a comma between two items. The rest of this
          file is not read.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/invalid-yaml/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/invalid-yaml/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/invalid-yaml/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/invalid-yaml/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/invalid-value/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/kustomize-failed/bad/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/kustomize-failed/bad/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/kustomize-failed/bad/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/kustomize-failed/bad/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/invalid-yaml/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/kustomize-failed/good/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/kustomize-failed/good/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/kustomize-failed/good/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/kustomize-failed/good/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/kustomize-failed/bad/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/mirror-blocked/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/mirror-blocked/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/mirror-blocked/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/mirror-blocked/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/invalid-release-image/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/mirror-blocked/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/mirror-blocked/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/mirror-blocked/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/mirror-blocked/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/kustomize-failed/good/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/mirror-blocked/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/mirror-blocked/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/mirror-blocked/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/mirror-blocked/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/mirror-blocked/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/mirror-blocked/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/mirror-blocked/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/mirror-blocked/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/mirror-blocked/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/mirror-blocked/bad/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/mirror-is-source/bad/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/mirror-is-source/bad/mirrors.yaml" name="no findings" file="fixtures/rules/mirror-is-source/bad/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/mirror-is-source/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/mirror-is-source/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `chain`" file="fixtures/rules/mirror-is-source/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `chain`">fixtures/rules/mirror-is-source/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `chain`
  |
4 |   name: chain
  |         ^^^^^
  &#58;:: fixtures/rules/mirror-is-source/bad/mirrors.yaml:4:9
4 |   name: chain
  |         ----- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/missing-field/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/missing-field/bad/mirrors.yaml" name="missing-field: the rule has no `source`" file="fixtures/rules/missing-field/bad/mirrors.yaml" line="7">
      <failure type="error" message="the rule has no `source`">fixtures/rules/missing-field/bad/mirrors.yaml:7:7: error[missing-field]: the rule has no `source`
  |
7 |     - mirrors:
  |       ^^^^^^^
  = help: Write the registry, namespace or repository to mirror.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/missing-field/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/missing-field/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/missing-field/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/missing-field/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/mirror-blocked/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/namespaced-object/bad/mirrors.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="fixtures/rules/namespaced-object/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/namespaced-object/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/namespaced-object/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/missing-field/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/namespaced-object/bad/mirrors.yaml" name="namespaced-object: ImageDigestMirrorSet is cluster-scoped: the API server clears its namespace" file="fixtures/rules/namespaced-object/bad/mirrors.yaml" line="5">
      <skipped message="ImageDigestMirrorSet is cluster-scoped: the API server clears its namespace"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/namespaced-object/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/namespaced-object/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/namespaced-object/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/namespaced-object/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/namespaced-object/bad/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/near-miss-source/bad/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/near-miss-source/bad/mirrors.yaml" name="no findings" file="fixtures/rules/near-miss-source/bad/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/near-miss-source/good/mirrors.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="fixtures/rules/near-miss-source/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `redhat`: this one is applied last and removes `index.docker.io/library`, `registry.redhat.io/openshfit4`" file="fixtures/rules/near-miss-source/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `redhat`: this one is applied last and removes `index.docker.io/library`, `registry.redhat.io/openshfit4`">fixtures/rules/near-miss-source/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `redhat`: this one is applied last and removes `index.docker.io/library`, `registry.redhat.io/openshfit4`
  |
4 |   name: redhat
  |         ^^^^^^
  &#58;:: fixtures/rules/near-miss-source/bad/mirrors.yaml:4:9
4 |   name: redhat
  |         ------ the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/near-miss-source/good/mirrors.yaml" name="repeated-rule: `redhat` repeats the rule for `registry.redhat.io/openshift4` of `operators`" file="fixtures/rules/near-miss-source/good/mirrors.yaml" line="7">
      <skipped message="`redhat` repeats the rule for `registry.redhat.io/openshift4` of `operators`"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/order-conflict/bad/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/order-conflict/bad/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/order-conflict/bad/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/order-conflict/bad/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/namespaced-object/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/order-conflict/bad/north/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/order-conflict/bad/north/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `north`: this one is applied last and removes `quay.io/openshift-release-dev/ocp-release`, `quay.io/openshift-release-dev/ocp-v4.0-art-dev`, `quay.io/strimzi`" file="fixtures/rules/order-conflict/bad/north/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `north`: this one is applied last and removes `quay.io/openshift-release-dev/ocp-release`, `quay.io/openshift-release-dev/ocp-v4.0-art-dev`, `quay.io/strimzi`">fixtures/rules/order-conflict/bad/north/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `north`: this one is applied last and removes `quay.io/openshift-release-dev/ocp-release`, `quay.io/openshift-release-dev/ocp-v4.0-art-dev`, `quay.io/strimzi`
  |
4 |   name: north
  |         ^^^^^
  &#58;:: fixtures/gitops-repo/clusters/north/digest-mirrors.yaml:5:9
5 |   name: north
  |         ----- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/order-conflict/good/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/order-conflict/good/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/order-conflict/good/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/order-conflict/good/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/order-conflict/bad/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/order-conflict/good/north/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/order-conflict/good/north/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `north`" file="fixtures/rules/order-conflict/good/north/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `north`">fixtures/rules/order-conflict/good/north/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `north`
  |
4 |   name: north
  |         ^^^^^
  &#58;:: fixtures/rules/order-conflict/bad/north/mirrors.yaml:4:9
4 |   name: north
  |         ----- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/outer-source-inherited/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/outer-source-inherited/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/outer-source-inherited/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/outer-source-inherited/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/mirror-blocked/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/outer-source-inherited/bad/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/outer-source-inherited/bad/mirrors.yaml" name="no findings" file="fixtures/rules/outer-source-inherited/bad/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/outer-source-inherited/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/outer-source-inherited/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/outer-source-inherited/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/outer-source-inherited/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/outer-source-inherited/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/outer-source-inherited/good/mirrors.yaml" tests="3" failures="1" errors="0" skipped="2">
    <testcase classname="fixtures/rules/outer-source-inherited/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `partner`" file="fixtures/rules/outer-source-inherited/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `partner`">fixtures/rules/outer-source-inherited/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `partner`
  |
4 |   name: partner
  |         ^^^^^^^
  &#58;:: fixtures/rules/outer-source-inherited/bad/mirrors.yaml:4:9
4 |   name: partner
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/outer-source-inherited/good/mirrors.yaml" name="shadowed-source: pulls by digest of `registry.partner.example.org/team` do not use all mirrors of `registry.partner.example.org`" file="fixtures/rules/outer-source-inherited/good/mirrors.yaml" line="7">
      <skipped message="pulls by digest of `registry.partner.example.org/team` do not use all mirrors of `registry.partner.example.org`"/>
    </testcase>
    <testcase classname="fixtures/rules/outer-source-inherited/good/mirrors.yaml" name="split-source: no list of `registry.partner.example.org` contains both `mirror.example.com/partner` and `mirror.example.com/partners`, so their order is undefined" file="fixtures/rules/outer-source-inherited/good/mirrors.yaml" line="9">
      <skipped message="no list of `registry.partner.example.org` contains both `mirror.example.com/partner` and `mirror.example.com/partners`, so their order is undefined"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/payload-blocked/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/payload-blocked/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/payload-blocked/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/payload-blocked/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/outer-source-inherited/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/payload-blocked/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/payload-blocked/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/payload-blocked/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/payload-blocked/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/payload-blocked/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/payload-refused/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/payload-refused/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/payload-refused/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/payload-refused/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/payload-blocked/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/payload-refused/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/payload-refused/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/payload-refused/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/payload-refused/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/payload-refused/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-conflict/bad/digests.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-conflict/bad/digests.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `docker-library`" file="fixtures/rules/policy-conflict/bad/digests.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `docker-library`">fixtures/rules/policy-conflict/bad/digests.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `docker-library`
  |
4 |   name: docker-library
  |         ^^^^^^^^^^^^^^
  &#58;:: fixtures/gitops-repo/base/mirrors/docker-library.yaml:8:9
8 |   name: docker-library
  |         -------------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-conflict/bad/tags.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-conflict/bad/tags.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `docker-library`" file="fixtures/rules/policy-conflict/bad/tags.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `docker-library`">fixtures/rules/policy-conflict/bad/tags.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `docker-library`
   |
 4 |   name: docker-library
   |         ^^^^^^^^^^^^^^
   &#58;:: fixtures/gitops-repo/base/mirrors/docker-library.yaml:22:9
22 |   name: docker-library
   |         -------------- the other is here
   = help: Rename one, or merge them: the cluster keeps only the object that is
           applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-conflict/good/digests.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-conflict/good/digests.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `docker-library`" file="fixtures/rules/policy-conflict/good/digests.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `docker-library`">fixtures/rules/policy-conflict/good/digests.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `docker-library`
  |
4 |   name: docker-library
  |         ^^^^^^^^^^^^^^
  &#58;:: fixtures/rules/policy-conflict/bad/digests.yaml:4:9
4 |   name: docker-library
  |         -------------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-conflict/good/tags.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-conflict/good/tags.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `docker-library`" file="fixtures/rules/policy-conflict/good/tags.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `docker-library`">fixtures/rules/policy-conflict/good/tags.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `docker-library`
  |
4 |   name: docker-library
  |         ^^^^^^^^^^^^^^
  &#58;:: fixtures/rules/policy-conflict/bad/tags.yaml:4:9
4 |   name: docker-library
  |         -------------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-members/bad/policy.yaml" tests="2" failures="2" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-members/bad/policy.yaml" name="policy-members: `matchPolicy: RemapIdentity` needs the member `remapIdentity`" file="fixtures/rules/policy-members/bad/policy.yaml" line="14">
      <failure type="error" message="`matchPolicy: RemapIdentity` needs the member `remapIdentity`">fixtures/rules/policy-members/bad/policy.yaml:14:20: error[policy-members]: `matchPolicy: RemapIdentity` needs the member `remapIdentity`
   |
14 |       matchPolicy: RemapIdentity
   |                    ^^^^^^^^^^^^^
   = help: Write `remapIdentity`.</failure>
    </testcase>
    <testcase classname="fixtures/rules/policy-members/bad/policy.yaml" name="policy-members: `exactRepository` does not belong to `matchPolicy: RemapIdentity`" file="fixtures/rules/policy-members/bad/policy.yaml" line="15">
      <failure type="error" message="`exactRepository` does not belong to `matchPolicy: RemapIdentity`">fixtures/rules/policy-members/bad/policy.yaml:15:7: error[policy-members]: `exactRepository` does not belong to `matchPolicy: RemapIdentity`
   |
15 |       exactRepository:
   |       ^^^^^^^^^^^^^^^
   = help: Remove `exactRepository`, or change `matchPolicy`.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-members/good/policy.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-members/good/policy.yaml" name="duplicate-object: there are two ClusterImagePolicy objects named `team`" file="fixtures/rules/policy-members/good/policy.yaml" line="4">
      <failure type="error" message="there are two ClusterImagePolicy objects named `team`">fixtures/rules/policy-members/good/policy.yaml:4:9: error[duplicate-object]: there are two ClusterImagePolicy objects named `team`
  |
4 |   name: team
  |         ^^^^
  &#58;:: fixtures/rules/invalid-signer/good/policy.yaml:4:9
4 |   name: team
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-refused/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-refused/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/policy-refused/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/policy-refused/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/payload-refused/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-refused/bad/mirrors.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-refused/bad/mirrors.yaml" name="no findings" file="fixtures/rules/policy-refused/bad/mirrors.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/policy-refused/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-refused/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/policy-refused/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/policy-refused/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/policy-refused/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/policy-refused/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/policy-refused/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `payload`" file="fixtures/rules/policy-refused/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `payload`">fixtures/rules/policy-refused/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `payload`
  |
4 |   name: payload
  |         ^^^^^^^
  &#58;:: fixtures/rules/policy-refused/bad/mirrors.yaml:4:9
4 |   name: payload
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/port-mismatch/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/port-mismatch/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/port-mismatch/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/port-mismatch/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/policy-refused/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/port-mismatch/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/port-mismatch/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/port-mismatch/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/port-mismatch/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/order-conflict/good/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/port-mismatch/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/port-mismatch/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/port-mismatch/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/port-mismatch/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/port-mismatch/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/port-mismatch/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/port-mismatch/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/port-mismatch/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/port-mismatch/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/port-mismatch/bad/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/remote-resource/bad/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/remote-resource/bad/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/remote-resource/bad/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/remote-resource/bad/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/port-mismatch/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/remote-resource/good/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/remote-resource/good/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/remote-resource/good/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/remote-resource/good/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/remote-resource/bad/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/remote-resource/good/base/vendored.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/remote-resource/good/base/vendored.yaml" name="no findings" file="fixtures/rules/remote-resource/good/base/vendored.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/repeated-rule/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/repeated-rule/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/repeated-rule/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/repeated-rule/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/remote-resource/good/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/repeated-rule/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/repeated-rule/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/repeated-rule/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/repeated-rule/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/repeated-rule/bad/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/shadowed-source/bad/digests.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/shadowed-source/bad/digests.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`, `quay.io/jetstack`" file="fixtures/rules/shadowed-source/bad/digests.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`, `quay.io/jetstack`">fixtures/rules/shadowed-source/bad/digests.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io/argoproj`, `quay.io/jetstack`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/repeated-rule/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/shadowed-source/bad/tags.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/shadowed-source/bad/tags.yaml" name="no findings" file="fixtures/rules/shadowed-source/bad/tags.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/shadowed-source/good/digests.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/shadowed-source/good/digests.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/shadowed-source/good/digests.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/shadowed-source/good/digests.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/shadowed-source/bad/digests.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/shadowed-source/good/tags.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/shadowed-source/good/tags.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `quay`" file="fixtures/rules/shadowed-source/good/tags.yaml" line="4">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `quay`">fixtures/rules/shadowed-source/good/tags.yaml:4:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/shadowed-source/bad/tags.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/source-among-mirrors/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/source-among-mirrors/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `payload`" file="fixtures/rules/source-among-mirrors/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `payload`">fixtures/rules/source-among-mirrors/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `payload`
  |
4 |   name: payload
  |         ^^^^^^^
  &#58;:: fixtures/rules/policy-refused/good/mirrors.yaml:4:9
4 |   name: payload
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/source-among-mirrors/good/mirrors.yaml" tests="2" failures="2" errors="0" skipped="0">
    <testcase classname="fixtures/rules/source-among-mirrors/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `payload`" file="fixtures/rules/source-among-mirrors/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `payload`">fixtures/rules/source-among-mirrors/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `payload`
  |
4 |   name: payload
  |         ^^^^^^^
  &#58;:: fixtures/rules/source-among-mirrors/bad/mirrors.yaml:4:9
4 |   name: payload
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/source-among-mirrors/good/mirrors.yaml" name="policy-conflict: `quay.io/openshift-release-dev/ocp-release` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere" file="fixtures/rules/source-among-mirrors/good/mirrors.yaml" line="8">
      <failure type="error" message="`quay.io/openshift-release-dev/ocp-release` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere">fixtures/rules/source-among-mirrors/good/mirrors.yaml:8:27: error[policy-conflict]: `quay.io/openshift-release-dev/ocp-release` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere
  |
8 |       mirrorSourcePolicy: NeverContactSource
  |                           ^^^^^^^^^^^^^^^^^^
  &#58;:: fixtures/cases/merge-across-kinds/repo/legacy/release.yaml:7:15
7 |     - source: quay.io/openshift-release-dev/ocp-release
  |               -----------------------------------------
  |   AllowContactingSource by default here
  = help: Set the same mirrorSourcePolicy in every rule of this source, in every
          kind of object.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/source-refused/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/source-refused/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/source-refused/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/source-refused/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/port-mismatch/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/source-refused/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/source-refused/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `docker-library`" file="fixtures/rules/source-refused/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `docker-library`">fixtures/rules/source-refused/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `docker-library`
  |
4 |   name: docker-library
  |         ^^^^^^^^^^^^^^
  &#58;:: fixtures/rules/policy-conflict/good/digests.yaml:4:9
4 |   name: docker-library
  |         -------------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/source-refused/good/mirrors.yaml" tests="2" failures="2" errors="0" skipped="0">
    <testcase classname="fixtures/rules/source-refused/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `docker-library`" file="fixtures/rules/source-refused/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `docker-library`">fixtures/rules/source-refused/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `docker-library`
  |
4 |   name: docker-library
  |         ^^^^^^^^^^^^^^
  &#58;:: fixtures/rules/source-refused/bad/mirrors.yaml:4:9
4 |   name: docker-library
  |         -------------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/source-refused/good/mirrors.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `docker-library`" file="fixtures/rules/source-refused/good/mirrors.yaml" line="15">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `docker-library`">fixtures/rules/source-refused/good/mirrors.yaml:15:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `docker-library`
   |
15 |   name: docker-library
   |         ^^^^^^^^^^^^^^
   &#58;:: fixtures/rules/policy-conflict/good/tags.yaml:4:9
 4 |   name: docker-library
   |         -------------- the other is here
   = help: Rename one, or merge them: the cluster keeps only the object that is
           applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/split-source/bad/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/split-source/bad/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`" file="fixtures/rules/split-source/bad/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`">fixtures/rules/split-source/bad/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`: this one is applied last and removes `quay.io`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/shadowed-source/good/digests.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/split-source/bad/north/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/split-source/bad/north/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `north`" file="fixtures/rules/split-source/bad/north/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `north`">fixtures/rules/split-source/bad/north/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `north`
  |
4 |   name: north
  |         ^^^^^
  &#58;:: fixtures/rules/order-conflict/good/north/mirrors.yaml:4:9
4 |   name: north
  |         ----- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/split-source/good/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/split-source/good/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/split-source/good/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/split-source/good/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/split-source/bad/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/split-source/good/north/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/split-source/good/north/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `north`" file="fixtures/rules/split-source/good/north/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `north`">fixtures/rules/split-source/good/north/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `north`
  |
4 |   name: north
  |         ^^^^^
  &#58;:: fixtures/rules/split-source/bad/north/mirrors.yaml:4:9
4 |   name: north
  |         ----- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/tag-pulls-blocked/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/tag-pulls-blocked/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `docker-library`" file="fixtures/rules/tag-pulls-blocked/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `docker-library`">fixtures/rules/tag-pulls-blocked/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `docker-library`
  |
4 |   name: docker-library
  |         ^^^^^^^^^^^^^^
  &#58;:: fixtures/rules/source-refused/good/mirrors.yaml:4:9
4 |   name: docker-library
  |         -------------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" tests="4" failures="4" errors="0" skipped="0">
    <testcase classname="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `docker-library`" file="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `docker-library`">fixtures/rules/tag-pulls-blocked/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `docker-library`
  |
4 |   name: docker-library
  |         ^^^^^^^^^^^^^^
  &#58;:: fixtures/rules/tag-pulls-blocked/bad/mirrors.yaml:4:9
4 |   name: docker-library
  |         -------------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" name="policy-conflict: `docker.io/library` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere" file="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" line="8">
      <failure type="error" message="`docker.io/library` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere">fixtures/rules/tag-pulls-blocked/good/mirrors.yaml:8:27: error[policy-conflict]: `docker.io/library` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere
   |
 8 |       mirrorSourcePolicy: NeverContactSource
   |                           ^^^^^^^^^^^^^^^^^^
   &#58;:: fixtures/rules/near-miss-source/good/mirrors.yaml:10:15
10 |     - source: docker.io/library
   |               ----------------- AllowContactingSource by default here
   = help: Set the same mirrorSourcePolicy in every rule of this source, in
           every kind of object.</failure>
    </testcase>
    <testcase classname="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" name="duplicate-object: there are two ImageTagMirrorSet objects named `docker-library`" file="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" line="15">
      <failure type="error" message="there are two ImageTagMirrorSet objects named `docker-library`">fixtures/rules/tag-pulls-blocked/good/mirrors.yaml:15:9: error[duplicate-object]: there are two ImageTagMirrorSet objects named `docker-library`
   |
15 |   name: docker-library
   |         ^^^^^^^^^^^^^^
   &#58;:: fixtures/rules/source-refused/good/mirrors.yaml:15:9
15 |   name: docker-library
   |         -------------- the other is here
   = help: Rename one, or merge them: the cluster keeps only the object that is
           applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" name="policy-conflict: `docker.io/library` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere (2)" file="fixtures/rules/tag-pulls-blocked/good/mirrors.yaml" line="19">
      <failure type="error" message="`docker.io/library` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere">fixtures/rules/tag-pulls-blocked/good/mirrors.yaml:19:27: error[policy-conflict]: `docker.io/library` has two mirrorSourcePolicies: NeverContactSource here, AllowContactingSource by default elsewhere
   |
19 |       mirrorSourcePolicy: NeverContactSource
   |                           ^^^^^^^^^^^^^^^^^^
   &#58;:: fixtures/rules/near-miss-source/good/mirrors.yaml:10:15
10 |     - source: docker.io/library
   |               ----------------- AllowContactingSource by default here
   = help: Set the same mirrorSourcePolicy in every rule of this source, in
           every kind of object.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/template-manifest/bad/templates/mirrors.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/rules/template-manifest/bad/templates/mirrors.yaml" name="template-manifest: this ImageDigestMirrorSet is a template and is skipped" file="fixtures/rules/template-manifest/bad/templates/mirrors.yaml" line="9">
      <skipped message="this ImageDigestMirrorSet is a template and is skipped"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/template-manifest/good/rendered/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/template-manifest/good/rendered/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/template-manifest/good/rendered/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/template-manifest/good/rendered/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/split-source/good/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unapplied-patch/bad/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unapplied-patch/bad/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unapplied-patch/bad/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unapplied-patch/bad/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/template-manifest/good/rendered/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unapplied-patch/bad/overlay/kustomization.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="fixtures/rules/unapplied-patch/bad/overlay/kustomization.yaml" name="unapplied-patch: this patch of an object of the kind ImageDigestMirrorSet is not applied: mirrorc reads the folder without building it" file="fixtures/rules/unapplied-patch/bad/overlay/kustomization.yaml" line="6">
      <skipped message="this patch of an object of the kind ImageDigestMirrorSet is not applied: mirrorc reads the folder without building it"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unapplied-patch/good/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unapplied-patch/good/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unapplied-patch/good/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unapplied-patch/good/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unapplied-patch/bad/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unapplied-patch/good/overlay/near.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unapplied-patch/good/overlay/near.yaml" name="no findings" file="fixtures/rules/unapplied-patch/good/overlay/near.yaml"/>
  </testsuite>
  <testsuite name="fixtures/rules/unknown-field/bad/mirrors.yaml" tests="2" failures="2" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unknown-field/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unknown-field/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unknown-field/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unapplied-patch/good/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/unknown-field/bad/mirrors.yaml" name="unknown-field: there is no field `mirror` here: the API server drops it" file="fixtures/rules/unknown-field/bad/mirrors.yaml" line="8">
      <failure type="error" message="there is no field `mirror` here: the API server drops it">fixtures/rules/unknown-field/bad/mirrors.yaml:8:7: error[unknown-field]: there is no field `mirror` here: the API server drops it
  |
8 |       mirror:
  |       ^^^^^^
  = help: Did you mean `mirrors`?
  = fix: `--fix` can do this: rename it `mirrors`</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unknown-field/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unknown-field/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unknown-field/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unknown-field/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unknown-field/bad/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unmatched-path/bad/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unmatched-path/bad/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unmatched-path/bad/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unmatched-path/bad/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unknown-field/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unmatched-path/bad/clusters/north/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unmatched-path/bad/clusters/north/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `north`: this one is applied last and removes `quay.io/argoproj`" file="fixtures/rules/unmatched-path/bad/clusters/north/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `north`: this one is applied last and removes `quay.io/argoproj`">fixtures/rules/unmatched-path/bad/clusters/north/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `north`: this one is applied last and removes `quay.io/argoproj`
  |
4 |   name: north
  |         ^^^^^
  &#58;:: fixtures/rules/split-source/good/north/mirrors.yaml:4:9
4 |   name: north
  |         ----- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unmatched-path/good/base/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unmatched-path/good/base/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unmatched-path/good/base/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unmatched-path/good/base/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unmatched-path/bad/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unmatched-path/good/clusters/north/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unmatched-path/good/clusters/north/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `north`" file="fixtures/rules/unmatched-path/good/clusters/north/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `north`">fixtures/rules/unmatched-path/good/clusters/north/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `north`
  |
4 |   name: north
  |         ^^^^^
  &#58;:: fixtures/rules/unmatched-path/bad/clusters/north/mirrors.yaml:4:9
4 |   name: north
  |         ----- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unreadable-file/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unreadable-file/bad/mirrors.yaml" name="unreadable-file: `fixtures/rules/unreadable-file/bad/mirrors.yaml` is not valid UTF-8: invalid start byte (fc)" file="fixtures/rules/unreadable-file/bad/mirrors.yaml" line="1">
      <failure type="error" message="`fixtures/rules/unreadable-file/bad/mirrors.yaml` is not valid UTF-8: invalid start byte (fc)">fixtures/rules/unreadable-file/bad/mirrors.yaml:1:4: error[unreadable-file]: `fixtures/rules/unreadable-file/bad/mirrors.yaml` is not valid UTF-8: invalid start byte (fc)
  |
1 | # F�r alle Cluster
  |    ^
  = help: Save the file as UTF-8.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unreadable-file/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unreadable-file/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unreadable-file/good/mirrors.yaml" line="5">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unreadable-file/good/mirrors.yaml:5:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
5 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unmatched-path/good/base/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unused-allowance/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unused-allowance/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unused-allowance/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unused-allowance/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unreadable-file/good/mirrors.yaml:5:9
5 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/unused-allowance/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/unused-allowance/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/unused-allowance/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/unused-allowance/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unused-allowance/bad/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-hides-host/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-hides-host/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/wildcard-hides-host/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/wildcard-hides-host/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/source-refused/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-hides-host/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-hides-host/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `registry.connect.redhat.com/crunchydata`" file="fixtures/rules/wildcard-hides-host/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `registry.connect.redhat.com/crunchydata`">fixtures/rules/wildcard-hides-host/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `registry.connect.redhat.com/crunchydata`
  |
4 |   name: partners
  |         ^^^^^^^^
  &#58;:: fixtures/rules/deprecated-kind/good/mirrors.yaml:4:9
4 |   name: partners
  |         -------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-hides-host/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-hides-host/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/wildcard-hides-host/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/wildcard-hides-host/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/wildcard-hides-host/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-hides-host/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-hides-host/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `partners`" file="fixtures/rules/wildcard-hides-host/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `partners`">fixtures/rules/wildcard-hides-host/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `partners`
  |
4 |   name: partners
  |         ^^^^^^^^
  &#58;:: fixtures/rules/wildcard-hides-host/bad/mirrors.yaml:4:9
4 |   name: partners
  |         -------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-over-nested/bad/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-over-nested/bad/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/wildcard-over-nested/bad/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/wildcard-over-nested/bad/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/wildcard-hides-host/good/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-over-nested/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-over-nested/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `r.example.com`" file="fixtures/rules/wildcard-over-nested/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `r.example.com`">fixtures/rules/wildcard-over-nested/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `r.example.com`
  |
4 |   name: partners
  |         ^^^^^^^^
  &#58;:: fixtures/rules/wildcard-hides-host/good/mirrors.yaml:4:9
4 |   name: partners
  |         -------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-over-nested/good/image.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-over-nested/good/image.yaml" name="duplicate-object: there are two Image objects named `cluster`" file="fixtures/rules/wildcard-over-nested/good/image.yaml" line="4">
      <failure type="error" message="there are two Image objects named `cluster`">fixtures/rules/wildcard-over-nested/good/image.yaml:4:9: error[duplicate-object]: there are two Image objects named `cluster`
  |
4 |   name: cluster
  |         ^^^^^^^
  &#58;:: fixtures/rules/wildcard-over-nested/bad/image.yaml:4:9
4 |   name: cluster
  |         ------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-over-nested/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-over-nested/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `*.partner.example.org`" file="fixtures/rules/wildcard-over-nested/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `*.partner.example.org`">fixtures/rules/wildcard-over-nested/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `*.partner.example.org`
  |
4 |   name: partners
  |         ^^^^^^^^
  &#58;:: fixtures/rules/wildcard-over-nested/bad/mirrors.yaml:4:9
4 |   name: partners
  |         -------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-unsupported/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-unsupported/bad/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `registry.partner.example.org`" file="fixtures/rules/wildcard-unsupported/bad/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `registry.partner.example.org`">fixtures/rules/wildcard-unsupported/bad/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `registry.partner.example.org`
  |
4 |   name: partners
  |         ^^^^^^^^
  &#58;:: fixtures/rules/wildcard-over-nested/good/mirrors.yaml:4:9
4 |   name: partners
  |         -------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wildcard-unsupported/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wildcard-unsupported/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `*.partner.example.org`" file="fixtures/rules/wildcard-unsupported/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `*.partner.example.org`">fixtures/rules/wildcard-unsupported/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `partners`: this one is applied last and removes `*.partner.example.org`
  |
4 |   name: partners
  |         ^^^^^^^^
  &#58;:: fixtures/rules/wildcard-unsupported/bad/mirrors.yaml:4:9
4 |   name: partners
  |         -------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wrong-api-version/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wrong-api-version/bad/mirrors.yaml" name="wrong-api-version: there is no ImageDigestMirrorSet in `operator.openshift.io/v1alpha1`" file="fixtures/rules/wrong-api-version/bad/mirrors.yaml" line="1">
      <failure type="error" message="there is no ImageDigestMirrorSet in `operator.openshift.io/v1alpha1`">fixtures/rules/wrong-api-version/bad/mirrors.yaml:1:13: error[wrong-api-version]: there is no ImageDigestMirrorSet in `operator.openshift.io/v1alpha1`
  |
1 | apiVersion: operator.openshift.io/v1alpha1
  |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: Write `apiVersion: config.openshift.io/v1`.
  = fix: `--fix` can do this: write `config.openshift.io/v1`</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wrong-api-version/good/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wrong-api-version/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/wrong-api-version/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/wrong-api-version/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/unused-allowance/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wrong-type/bad/mirrors.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/rules/wrong-type/bad/mirrors.yaml" name="wrong-type: Kubernetes reads `yes` as a boolean, where a string belongs" file="fixtures/rules/wrong-type/bad/mirrors.yaml" line="6">
      <failure type="error" message="Kubernetes reads `yes` as a boolean, where a string belongs">fixtures/rules/wrong-type/bad/mirrors.yaml:6:15: error[wrong-type]: Kubernetes reads `yes` as a boolean, where a string belongs
  |
6 |     reviewed: yes
  |               ^^^
  = help: Write "yes", in quotes, if that is what you mean.
  = fix: `--fix` can do this: put it in quotes</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/rules/wrong-type/good/mirrors.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="fixtures/rules/wrong-type/good/mirrors.yaml" name="duplicate-object: there are two ImageDigestMirrorSet objects named `quay`" file="fixtures/rules/wrong-type/good/mirrors.yaml" line="4">
      <failure type="error" message="there are two ImageDigestMirrorSet objects named `quay`">fixtures/rules/wrong-type/good/mirrors.yaml:4:9: error[duplicate-object]: there are two ImageDigestMirrorSet objects named `quay`
  |
4 |   name: quay
  |         ^^^^
  &#58;:: fixtures/rules/wrong-api-version/good/mirrors.yaml:4:9
4 |   name: quay
  |         ---- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
    <testcase classname="fixtures/rules/wrong-type/good/mirrors.yaml" name="repeated-rule: `quay` repeats the rule for `quay.io/argoproj` of `quay`" file="fixtures/rules/wrong-type/good/mirrors.yaml" line="9">
      <skipped message="`quay` repeats the rule for `quay.io/argoproj` of `quay`"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/sequential-runs/run-1/imageContentSourcePolicy.yaml" tests="2" failures="0" errors="0" skipped="2">
    <testcase classname="fixtures/sequential-runs/run-1/imageContentSourcePolicy.yaml" name="deprecated-kind: ImageContentSourcePolicy is deprecated" file="fixtures/sequential-runs/run-1/imageContentSourcePolicy.yaml" line="3">
      <skipped message="ImageContentSourcePolicy is deprecated"/>
    </testcase>
    <testcase classname="fixtures/sequential-runs/run-1/imageContentSourcePolicy.yaml" name="deprecated-kind: ImageContentSourcePolicy is deprecated (2)" file="fixtures/sequential-runs/run-1/imageContentSourcePolicy.yaml" line="34">
      <skipped message="ImageContentSourcePolicy is deprecated"/>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/sequential-runs/run-2/imageContentSourcePolicy.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase classname="fixtures/sequential-runs/run-2/imageContentSourcePolicy.yaml" name="duplicate-object: there are two ImageContentSourcePolicy objects named `operator-0`: this one is applied last and removes `registry.redhat.io/compliance`, `registry.redhat.io/ubi9`" file="fixtures/sequential-runs/run-2/imageContentSourcePolicy.yaml" line="5">
      <failure type="error" message="there are two ImageContentSourcePolicy objects named `operator-0`: this one is applied last and removes `registry.redhat.io/compliance`, `registry.redhat.io/ubi9`">fixtures/sequential-runs/run-2/imageContentSourcePolicy.yaml:5:9: error[duplicate-object]: there are two ImageContentSourcePolicy objects named `operator-0`: this one is applied last and removes `registry.redhat.io/compliance`, `registry.redhat.io/ubi9`
   |
 5 |   name: operator-0
   |         ^^^^^^^^^^
   &#58;:: fixtures/sequential-runs/run-1/imageContentSourcePolicy.yaml:18:9
18 |   name: operator-0
   |         ---------- the other is here
   = help: Rename one, or merge them: the cluster keeps only the object that is
           applied last.</failure>
    </testcase>
  </testsuite>
  <testsuite name="fixtures/sequential-runs/run-3/imageContentSourcePolicy.yaml" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="fixtures/sequential-runs/run-3/imageContentSourcePolicy.yaml" name="deprecated-kind: ImageContentSourcePolicy is deprecated" file="fixtures/sequential-runs/run-3/imageContentSourcePolicy.yaml" line="3">
      <skipped message="ImageContentSourcePolicy is deprecated"/>
    </testcase>
    <testcase classname="fixtures/sequential-runs/run-3/imageContentSourcePolicy.yaml" name="duplicate-object: there are two ImageContentSourcePolicy objects named `operator-0`" file="fixtures/sequential-runs/run-3/imageContentSourcePolicy.yaml" line="5">
      <failure type="error" message="there are two ImageContentSourcePolicy objects named `operator-0`">fixtures/sequential-runs/run-3/imageContentSourcePolicy.yaml:5:9: error[duplicate-object]: there are two ImageContentSourcePolicy objects named `operator-0`
  |
5 |   name: operator-0
  |         ^^^^^^^^^^
  &#58;:: fixtures/sequential-runs/run-2/imageContentSourcePolicy.yaml:5:9
5 |   name: operator-0
  |         ---------- the other is here
  = help: Rename one, or merge them: the cluster keeps only the object that is
          applied last.</failure>
    </testcase>
  </testsuite>
</testsuites>
