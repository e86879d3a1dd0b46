package io.duplex.servlet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Pins what this room may touch. */
class ArchitectureTest {
    private static final JavaClasses SERVLET = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.duplex.servlet");

    @Test
    void otherRoomsAreReachedThroughCoreOnly() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty..",
                        "io.duplex.server..",
                        "io.duplex.client..",
                        "io.duplex.transport..",
                        "io.duplex.tls..",
                        "io.duplex.jakarta..")
                .check(SERVLET);
    }

    @Test
    void onlyWhatIsNamedAfterAContainerNeedsIt() {
        requireOf("Tomcat", "org.apache..");
        requireOf("Jetty", "org.eclipse.jetty..");
    }

    private static void requireOf(String name, String packages) {
        noClasses()
                .that()
                .haveSimpleNameNotStartingWith(name)
                .and()
                .haveNameNotMatching(".*\\." + name + ".*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(SERVLET);
    }
}
