package io.duplex;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Pins the floors on which core's packages stand, and what the lower four may not touch. */
class ArchitectureTest {
    private static final int HIGHEST_PURE_FLOOR = 4;

    private static final Map<String, Integer> FLOORS = Map.of(
            "io.duplex", 1,
            "io.duplex.frame", 2,
            "io.duplex.message", 3,
            "io.duplex.extension", 3,
            "io.duplex.topic", 3,
            "io.duplex.protocol", 4,
            "io.duplex.handshake", 4,
            "io.duplex.codec", 4,
            "io.duplex.connection", 5);

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.duplex");

    @Test
    void everyPackageStandsOnAFloor() {
        List<String> packages = CORE.stream()
                .map(JavaClass::getPackage)
                .map(JavaPackage::getName)
                .filter(name -> !name.isEmpty()) // module-info
                .distinct()
                .toList();
        assertThat(packages).contains("io.duplex").isSubsetOf(FLOORS.keySet());
    }

    @Test
    void packagesImportFromLowerFloorsOnly() {
        classes()
                .that(resideInAPackage("io.duplex.."))
                .should(importFromLowerFloorsOnly())
                .check(CORE);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("(io.duplex..)").should().beFreeOfCycles().check(CORE);
    }

    @Test
    void pureFloorsTouchNoNetwork() {
        noPureClassDependsOn(resideInAPackage("java.nio.channels.."));
        noPureClassDependsOn(resideInAPackage("java.net..")
                .and(not(belongToAnyOf(SocketAddress.class, InetSocketAddress.class, InetAddress.class, IDN.class))));
    }

    @Test
    void pureFloorsTouchNoThreadLockOrExecutor() {
        noPureClassDependsOn(type(Thread.class));
        noPureClassDependsOn(resideInAPackage("java.util.concurrent.locks.."));
        noPureClassDependsOn(assignableTo(Executor.class));
    }

    @Test
    void pureFloorsReadNoClock() {
        noPureClassDependsOn(assignableTo(Clock.class));
        noClasses()
                .that(standOnAPureFloor())
                .should()
                .accessTargetWhere(
                        targetOwner(type(System.class)).and(target(nameMatching("nanoTime|currentTimeMillis"))))
                .check(CORE);
    }

    @Test
    void pureFloorsDoNotLog() {
        noPureClassDependsOn(type(System.Logger.class));
        noPureClassDependsOn(resideInAPackage("java.util.logging.."));
    }

    private static void noPureClassDependsOn(DescribedPredicate<JavaClass> forbidden) {
        noClasses()
                .that(standOnAPureFloor())
                .should()
                .dependOnClassesThat(forbidden)
                .check(CORE);
    }

    private static DescribedPredicate<JavaClass> standOnAPureFloor() {
        String[] packages = FLOORS.entrySet().stream()
                .filter(floor -> floor.getValue() <= HIGHEST_PURE_FLOOR)
                .map(Map.Entry::getKey)
                .sorted()
                .toArray(String[]::new);
        return JavaClass.Predicates.resideInAnyPackage(packages)
                .as(Arrays.stream(packages).collect(Collectors.joining(", ", "stand in ", "")));
    }

    private static ArchCondition<JavaClass> importFromLowerFloorsOnly() {
        return new ArchCondition<>("import from lower floors only") {
            @Override
            public void check(JavaClass importer, ConditionEvents events) {
                importer.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> {
                            String from = importer.getPackageName();
                            String to = dependency
                                    .getTargetClass()
                                    .getBaseComponentType()
                                    .getPackageName();
                            return !from.equals(to)
                                    && FLOORS.containsKey(to)
                                    && FLOORS.get(to) >= FLOORS.getOrDefault(from, 0);
                        })
                        .forEach(dependency ->
                                events.add(SimpleConditionEvent.violated(importer, dependency.getDescription())));
            }
        };
    }
}
