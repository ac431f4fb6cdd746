/** The plugin that fetches from Maven repositories, pinned because Maven would choose a version otherwise. */
export const mavenDependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
