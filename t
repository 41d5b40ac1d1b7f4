error         quay.io/Acme/importer:2.1
              upper-case letters in the repository name `Acme`
              fixtures/rules/invalid-image/bad/job.yaml:11:18  Job import
not mirrored  registry.example.com/storefront/api@sha256:14c2529eb449…
              no mirror source matches
              fixtures/gitops-repo/apps/storefront/api.yaml:21:18
                Deployment storefront/api
not mirrored  registry.k8s.io/e2e-test-images/agnhost:2.53
              no mirror source matches
              fixtures/gitops-repo/apps/reports/cronjob.yaml:17:22
                CronJob storefront/nightly-report
digests only  ghcr.io/acme/importer:2.1
              `ghcr.io` has digest-only mirrors
              fixtures/cases/order-conflict/repo/site/more.yaml:11:15
              fixtures/rules/image-blocked/bad/job.yaml:11:18  Job import
digests only  ghcr.io/project-zot/zot-minimal-linux-amd64:v2.1.2
              `ghcr.io` has digest-only mirrors
              fixtures/cases/order-conflict/repo/site/more.yaml:11:15
              fixtures/gitops-repo/apps/edge-proxy/deployment.yaml:19:18
                Deployment storefront/edge-proxy
digests only  quay.io/prometheus/blackbox-exporter:v0.26.0
              `quay.io` has digest-only mirrors
              fixtures/cases/order-conflict/repo/site/more.yaml:7:15
              fixtures/cases/order-conflict/repo/site/quay.yaml:7:15
              fixtures/gitops-repo/apps/storefront/web.yaml:39:18
                Deployment storefront/web
mirrored      docker.io/library/nginx:1.27
mirrored      docker.io/library/redis:7.4@sha256:34fb46c847bb…
mirrored      quay.io/acme/importer:2.1
mirrored      quay.io/acme/web:1.4
mirrored      quay.io/acme/web:1.4@sha256:86f279ce9c29…
mirrored      quay.io/acme/web@sha256:86f279ce9c29…
mirrored      quay.io/acne/web@sha256:86f279ce9c29…
mirrored      quay.io/prometheus/node-exporter@sha256:2303824a4e3d…
mirrored      registry.connect.redhat.com/crunchydata/crunchy-postgres@sha256:0eaa452a864c…
mirrored      registry.redhat.io/openshift4/ose-cli-rhel9@sha256:aa695d94786f…
mirrored      registry.redhat.io/redhat/redhat-operator-index:v4.20
mirrored      registry.redhat.io/ubi9/ubi-minimal:9.6
unresolved    $(params.image)
              it contains a variable
              ci/tekton-task.yaml:46:12  Task mirrorc
unresolved    "{{ .Values.registry }}/importer:2.1"
              it is a template: render it first
              fixtures/rules/image-unresolved/bad/templates/job.yaml:11:18
                Job import

18 images: 1 with an error, 2 not mirrored, 3 by tag but mirrored only for digests, 12 mirrored; 2 unresolved
