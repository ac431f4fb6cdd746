/** The plugin that fetches from Maven repositories: without a version, Maven takes one of its own choice. */
export const mavenDependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
